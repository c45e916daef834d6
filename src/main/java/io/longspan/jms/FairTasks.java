package io.longspan.jms;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Tasks that an executor of one thread runs one at a time, round robin by the users who wait for
 * them. The lock is held for moves within this object, never around a task.
 */
final class FairTasks {
  private final Executor thread;

  /** Guarded by this. */
  private final FairTurns<String, Task> waiting = new FairTurns<>();

  /**
   * Creates an empty queue.
   *
   * @param thread runs one task at a time
   */
  FairTasks(Executor thread) {
    this.thread = thread;
  }

  /** A task that waits for its turn, is run once, or is cancelled. */
  final class Task {
    private final Runnable work;

    /** Guarded by the queue. */
    private boolean over;

    private Task(Runnable work) {
      this.work = work;
    }

    /** Lets another user wait for the task too: it is run in whichever turn comes first. */
    void alsoFor(String user) {
      enqueue(user, this);
    }

    /** Takes the task away; returns false if it has begun or was cancelled before. */
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
   * @param user who waits for it
   * @throws RejectedExecutionException where the executor has ended
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
    thread.execute(this::runNext);
  }

  private void runNext() {
    Task next = next();
    if (next != null) {
      next.work.run();
    }
  }

  /** A task that is over costs no turn. */
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
