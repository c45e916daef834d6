package io.longspan.concurrent;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs and counts failures that no code expects, for example a {@code NullPointerException} in a
 * task. The reporting code then continues, or ends with a named outcome.
 *
 * <p>The count is static because it is one per process, like the log. So code that must survive
 * such a failure, for example a thread's loop, needs no collaborator to report it. May be used on
 * any thread; never blocks.
 */
public final class InternalErrors {
  private static final Logger LOG = LoggerFactory.getLogger(InternalErrors.class);
  private static final LongAdder COUNT = new LongAdder();

  private InternalErrors() {}

  /**
   * Logs and counts a failure.
   *
   * @param what the activity that failed, in words for the log
   * @param failure the failure; logged with its stack trace
   */
  public static void report(String what, Throwable failure) {
    COUNT.increment();
    LOG.error("internal error in {}", what, failure);
  }

  /**
   * Runs a task on this thread. An exception or error that the task throws is reported, not
   * rethrown.
   *
   * @param what the activity, in words for the log
   * @param task the task
   */
  public static void guard(String what, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error failure) {
      report(what, failure);
    }
  }

  /**
   * Runs a task as {@link #guard(String, Runnable)} does. The words are built only if they are
   * needed: for tasks that run with each message.
   *
   * @param what the activity, in words for the log
   * @param task the task
   */
  public static void guard(Supplier<String> what, Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error failure) {
      report(what.get(), failure);
    }
  }

  /** Returns the number of failures reported since the process started. */
  public static long count() {
    return COUNT.sum();
  }
}
