package io.longspan.concurrent;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A thread factory for one pool. It creates daemon threads and can wait until they have ended.
 *
 * <p>{@code ExecutorService.awaitTermination} returns shortly before the pool's last thread ends. A
 * servlet container that checks its threads at that moment reports a leak. {@link #awaitEnd} joins
 * the threads themselves.
 *
 * <p>May be used on any thread.
 */
public final class DaemonThreads implements ThreadFactory {
  private final String name;
  private final AtomicInteger number = new AtomicInteger();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  /**
   * Creates a factory without threads.
   *
   * @param name the prefix of the thread names; a hyphen and a number from 0 follow
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
   * Blocks until every thread of this factory has ended. The caller must have shut the pool down
   * before.
   *
   * @param patience the maximum time to wait for all threads together; each thread that is still
   *     alive is given at least 1 ms
   * @return whether all threads have ended. An interrupt of the caller ends the wait and leaves the
   *     caller's interrupt flag set
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
