package io.longspan.bridge;

/** Runs something later, on a thread of the bridge's own. */
@FunctionalInterface
public interface Scheduler {

  /**
   * Schedules a task, which must not block.
   *
   * @param delayMillis from now, in milliseconds
   */
  void schedule(Runnable task, long delayMillis);
}
