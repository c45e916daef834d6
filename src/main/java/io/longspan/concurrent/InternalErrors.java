package io.longspan.concurrent;

import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Failures that nothing in the program expects: each is logged once, with what failed, and counted.
 * Whoever reports one goes on, or ends by name.
 *
 * <p>There is one count for the process, as there is one log: what must survive such a failure, as
 * a thread's loop, cannot depend on being given somebody to tell. May be used on any thread; never
 * blocks.
 */
public final class InternalErrors {
  private static final Logger LOG = LoggerFactory.getLogger(InternalErrors.class);
  private static final LongAdder COUNT = new LongAdder();

  private InternalErrors() {}

  /**
   * Logs and counts a failure.
   *
   * @param what what has failed, in words for the log
   */
  public static void report(String what, Throwable failure) {
    COUNT.increment();
    LOG.error("internal error in {}", what, failure);
  }

  /** Runs a task; what it throws, errors included, is reported. */
  public static void guard(String what, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error failure) {
      report(what, failure);
    }
  }

  /** Returns how many failures have been reported. */
  public static long count() {
    return COUNT.sum();
  }
}
