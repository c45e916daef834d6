package io.longspan.logging;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * A console appender that writes lines in batches, because each write is a system call. A line is
 * written at most 100 ms after its event, and lines are never split ({@code docs/decisions/0086}).
 *
 * <p>May be called on any thread; blocks as the console does.
 */
public final class BatchedConsoleAppender extends ConsoleAppender<ILoggingEvent> {
  private static final long DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /** The size of a batch at which it is written at once, in bytes. */
  private static final int BATCH_BYTES = 32 << 10;

  private final AtomicBoolean waiting = new AtomicBoolean();

  /** Writes the lines that wait in appenders of a logger. Has no effect on other appenders. */
  public static void flush(org.slf4j.Logger logger) {
    if (logger instanceof Logger ours) {
      ours.iteratorForAppenders()
          .forEachRemaining(
              appender -> {
                if (appender instanceof BatchedConsoleAppender batched) {
                  batched.flush();
                }
              });
    }
  }

  @Override
  public void start() {
    setImmediateFlush(false);
    super.start();
  }

  @Override
  public void setOutputStream(OutputStream console) {
    super.setOutputStream(new BufferedOutputStream(console, BATCH_BYTES));
  }

  @Override
  protected void subAppend(ILoggingEvent event) {
    super.subAppend(event);
    if (waiting.compareAndSet(false, true)) {
      // It lives for one batch, so nothing is left where an application is stopped.
      Thread writer = new Thread(this::flushLater, "access-log");
      writer.setDaemon(true);
      writer.start();
    }
  }

  private void flushLater() {
    LockSupport.parkNanos(DELAY_NANOS);
    waiting.set(false);
    flush();
  }

  private void flush() {
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
