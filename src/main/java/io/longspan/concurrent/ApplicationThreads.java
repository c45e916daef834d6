package io.longspan.concurrent;

import java.time.Duration;
import java.util.List;

/**
 * The threads that a web application and its libraries have started, as a servlet container counts
 * them: those whose context class loader is the one of the application.
 *
 * <p>A JMS client ends its threads a moment after its connection has been closed. A container that
 * checks the threads in that moment reports a leak.
 */
public final class ApplicationThreads {
  private static final Duration PERIOD = Duration.ofMillis(20);

  private ApplicationThreads() {}

  /**
   * Blocks until the application has no thread except the caller's.
   *
   * @param application the class loader of the application
   * @param patience the maximum time to wait
   * @return the names of the threads that still run. An interrupt of the caller ends the wait and
   *     leaves the caller's interrupt flag set
   */
  public static List<String> awaitEnd(ClassLoader application, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    List<Thread> running = running(application);
    try {
      while (!running.isEmpty() && System.nanoTime() < end) {
        running.get(0).join(PERIOD.toMillis());
        running = running(application);
      }
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
    return running.stream().map(Thread::getName).sorted().toList();
  }

  private static List<Thread> running(ClassLoader application) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread != Thread.currentThread())
        .filter(thread -> thread.getContextClassLoader() == application)
        .filter(Thread::isAlive)
        .toList();
  }
}
