package io.longspan.bridge;

/** Runs delayed tasks on a thread of the bridge. */
@FunctionalInterface
public interface Scheduler {

  /**
   * Schedules a task, which must not block. Called on any thread; returns at once.
   *
   * @param delayMillis the delay from now, in milliseconds
   */
  void schedule(Runnable task, long delayMillis);
}
