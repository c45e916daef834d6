package io.longspan.concurrent;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the daemon threads of one pool, and waits for their end. A pool says that it has terminated
 * a moment before its last thread is gone, and a container that looks in that moment takes the
 * thread for a leak.
 *
 * <p>May be used on any thread.
 */
public final class DaemonThreads implements ThreadFactory {
  private final String name;
  private final AtomicInteger number = new AtomicInteger();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  /**
   * Makes the threads of one pool.
   *
   * @param name what their names begin with; a hyphen and a number from 0 follow
   */
  public DaemonThreads(String name) {
    this.name = name;
  }

  @Override
  public Thread newThread(Runnable task) {
    threads.removeIf(thread -> thread.getState() == Thread.State.TERMINATED);
    Thread thread = new Thread(task, name + "-" + number.getAndIncrement());
    thread.setDaemon(true);
    threads.add(thread);
    return thread;
  }

  /**
   * Blocks until every thread that was started is gone; their pool has been shut down before.
   *
   * @param patience how long to wait at most for all of them together
   * @return whether all are gone; false also when the caller was interrupted, whose flag is then
   *     set
   */
  public boolean awaitEnd(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      for (Thread thread : threads) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        thread.join(Math.max(1, left));
      }
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
    return threads.stream().noneMatch(Thread::isAlive);
  }
}
