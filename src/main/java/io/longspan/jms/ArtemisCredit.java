package io.longspan.jms;

import java.util.concurrent.Executor;

/**
 * The flow control of one consumer of Artemis' core client with a window of 0.
 *
 * <p>Such a consumer asks for its next message when its handler returns. This object stands for the
 * two executors of the consumer. After {@link #hold}, it keeps the task that asks, until {@link
 * #release}. The consumer would wait for this task, so its thread is interrupted once; the client
 * expects that.
 */
final class ArtemisCredit implements Executor {
  private final Executor thread;

  /** Guarded by this: the thread whose next task is kept; null if none is. */
  private Thread holding;

  /** Guarded by this: the task that is kept; null if there is none. */
  private Runnable kept;

  /** Guarded by this: whether the message was settled before its handler returned. */
  private boolean released;

  /**
   * Creates the flow control.
   *
   * @param thread runs the tasks, one at a time, in order
   */
  ArtemisCredit(Executor thread) {
    this.thread = thread;
  }

  /** Returns the executor that calls the consumer's handler. */
  Executor messages() {
    return task ->
        thread.execute(
            () -> {
              try {
                task.run();
              } finally {
                ended();
              }
            });
  }

  private void ended() {
    synchronized (this) {
      holding = null;
    }
    // The interrupt of hold() must not reach the next task.
    Thread.interrupted();
  }

  /** Begins a message. Called by the consumer's handler before it hands the message over. */
  synchronized void begin() {
    released = false;
  }

  /**
   * Holds back the next message, unless {@link #release} was called already. Called by the
   * consumer's handler just before it returns.
   */
  void hold() {
    synchronized (this) {
      holding = Thread.currentThread();
    }
    Thread.currentThread().interrupt();
  }

  /** Lets the broker send the next message; idempotent. Called on any thread. */
  void release() {
    Runnable task;
    synchronized (this) {
      task = kept;
      kept = null;
      released = task == null;
    }
    if (task != null) {
      thread.execute(task);
    }
  }

  @Override
  public void execute(Runnable task) {
    synchronized (this) {
      if (Thread.currentThread() == holding) {
        holding = null;
        if (!released) {
          kept = task;
          return;
        }
      }
    }
    thread.execute(task);
  }
}
