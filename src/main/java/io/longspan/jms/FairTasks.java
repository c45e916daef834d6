package io.longspan.jms;

import io.longspan.concurrent.FairTurns;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Starts tasks on an executor, in turn by user. May be used on any thread. The lock guards the
 * fields and is never held while a task runs.
 */
final class FairTasks {
  private final Executor executor;

  /** Guarded by this. */
  private final FairTurns<String, Task> waiting = new FairTurns<>();

  /**
   * Creates a queue without tasks.
   *
   * @param executor runs the tasks; as many at a time as it has threads
   */
  FairTasks(Executor executor) {
    this.executor = executor;
  }

  /** A task that waits for its turn. It runs once, or is cancelled. */
  final class Task {
    private final Runnable work;

    /** True once the task has begun or was cancelled. Guarded by the queue. */
    private boolean over;

    private Task(Runnable work) {
      this.work = work;
    }

    /**
     * Adds another user who waits for this task. The task runs in the first turn of any of its
     * users.
     *
     * @throws RejectedExecutionException if the executor has ended
     */
    void alsoFor(String user) {
      enqueue(user, this);
    }

    /**
     * Cancels the task.
     *
     * @return false if the task has begun, or was cancelled before
     */
    boolean cancel() {
      synchronized (FairTasks.this) {
        boolean cancelled = !over;
        over = true;
        return cancelled;
      }
    }
  }

  /**
   * Adds a task; never blocks.
   *
   * @param user the user in whose turn the task runs
   * @throws RejectedExecutionException if the executor has ended
   */
  Task submit(String user, Runnable work) {
    Task task = new Task(work);
    enqueue(user, task);
    return task;
  }

  private void enqueue(String user, Task task) {
    synchronized (this) {
      if (task.over) {
        return;
      }
      waiting.add(user, task);
    }
    executor.execute(this::runNext);
  }

  private void runNext() {
    Task next = next();
    if (next != null) {
      next.work.run();
    }
  }

  /**
   * Returns the next task to run; null if there is none. Tasks that have begun or were cancelled
   * are skipped and use no turn.
   */
  private synchronized Task next() {
    Task task;
    while ((task = waiting.poll()) != null) {
      if (!task.over) {
        task.over = true;
        return task;
      }
    }
    return null;
  }
}
