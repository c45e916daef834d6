package io.longspan.client;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The one thread that owns the state of a client. It must never block. It ends when it has been
 * idle for a while, so that a client that nobody closes leaves nothing behind.
 */
final class Loop implements Executor {
  static final System.Logger LOG = System.getLogger("io.longspan.client");

  private static final long IDLE_SECONDS = 10;

  private final ScheduledThreadPoolExecutor thread =
      new ScheduledThreadPoolExecutor(
          1,
          work -> {
            Thread created = new Thread(work, "longspan-client");
            created.setDaemon(true);
            return created;
          });

  Loop() {
    thread.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
    thread.allowCoreThreadTimeOut(true);
    thread.setRemoveOnCancelPolicy(true);
  }

  /** Runs work on the thread. An exception is logged and does not keep other work from running. */
  @Override
  public void execute(Runnable work) {
    try {
      thread.execute(() -> guard(work));
    } catch (RejectedExecutionException ended) {
      LOG.log(Level.DEBUG, "the loop has ended");
    }
  }

  /** Runs work later; the result cancels it. */
  Future<?> later(Duration delay, Runnable work) {
    return thread.schedule(() -> guard(work), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static void guard(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException x) {
      LOG.log(Level.ERROR, "unexpected", x);
    }
  }

  static void cancel(Future<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }
}
