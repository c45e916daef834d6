package io.longspan.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A console appender that writes lines in batches, because each write is a system call. A line is
 * written at most 100 ms after its event, and lines are never split. When the JVM shuts down, each
 * line is written at once ({@code docs/decisions/0086}).
 *
 * <p>May be called on any thread; blocks as the console does.
 */
public final class BatchedConsoleAppender extends ConsoleAppender<ILoggingEvent> {
  /** The maximum time until a line is written, in milliseconds. */
  private static final long DELAY = 100;

  /** The size of a batch at which it is written at once, in bytes. */
  private static final int BATCH_BYTES = 32 << 10;

  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final Thread atShutdown = new Thread(this::writeAtOnce, "longspan-access-log");

  @Override
  public void start() {
    setImmediateFlush(false);
    super.start();
    if (isStarted()) {
      Runtime.getRuntime().addShutdownHook(atShutdown);
    }
  }

  @Override
  public void stop() {
    if (isStarted()) {
      try {
        Runtime.getRuntime().removeShutdownHook(atShutdown);
      } catch (IllegalStateException shuttingDown) {
        // The hook runs already.
      }
    }
    super.stop();
  }

  @Override
  public void setOutputStream(OutputStream console) {
    super.setOutputStream(new BufferedOutputStream(console, BATCH_BYTES));
  }

  @Override
  protected void subAppend(ILoggingEvent event) {
    super.subAppend(event);
    if (!isImmediateFlush() && scheduled.compareAndSet(false, true)) {
      getContext()
          .getScheduledExecutorService()
          .schedule(this::flush, DELAY, TimeUnit.MILLISECONDS);
    }
  }

  private void writeAtOnce() {
    setImmediateFlush(true);
    flush();
  }

  private void flush() {
    scheduled.set(false);
    streamWriteLock.lock();
    try {
      if (getOutputStream() != null) {
        getOutputStream().flush();
      }
    } catch (IOException failure) {
      addError("the access log cannot be written", failure);
    } finally {
      streamWriteLock.unlock();
    }
  }
}
