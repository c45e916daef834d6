package io.longspan.benchmark;

import java.util.concurrent.locks.LockSupport;

/**
 * A thread that publishes at a steady rate: what is due is published at once, so that a late start
 * is made up for.
 */
final class Pacer {
  private static final long PAUSE_NANOS = 500_000;

  private final Publication publication;
  private volatile boolean stopped;
  private final Thread thread;
  private long published;

  /** What is done for each message. */
  interface Publication {
    /**
     * Publishes a message.
     *
     * @param index 0, 1, …
     * @param due when it should be published, by {@link System#nanoTime}
     */
    void publish(long index, long due) throws Exception;
  }

  /** Starts publishing. */
  Pacer(double perSecond, Publication publication) {
    this.publication = publication;
    this.thread = new Thread(() -> run(perSecond), "publisher");
    thread.start();
  }

  private void run(double perSecond) {
    long start = System.nanoTime();
    try {
      while (!stopped) {
        long due = start + (long) (published * 1e9 / perSecond);
        if (due - System.nanoTime() <= 0) {
          publication.publish(published++, due);
        } else {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    } catch (Exception x) {
      x.printStackTrace();
    }
  }

  /** Stops; returns how many messages there were. */
  long stop() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
    return published;
  }
}
