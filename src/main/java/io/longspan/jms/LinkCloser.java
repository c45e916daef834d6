package io.longspan.jms;

import io.longspan.concurrent.DaemonThreads;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes lost connections one after another on its own thread. A provider may need a long time to
 * close a connection to a silent broker. The next attempt to connect must not wait for that.
 */
final class LinkCloser {
  private static final Logger LOG = LoggerFactory.getLogger(LinkCloser.class);

  /** Maximum number of connections that wait to be closed. */
  private static final int CAPACITY = 8;

  /** How long the idle thread lives, in seconds. */
  private static final long IDLE = 1;

  private final DaemonThreads threads = new DaemonThreads("longspan-jms-closer");
  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          1, 1, IDLE, TimeUnit.SECONDS, new LinkedBlockingQueue<>(CAPACITY), threads);

  LinkCloser() {
    executor.allowCoreThreadTimeOut(true);
  }

  /**
   * Fails all calls of a connection now, and closes the connection later on the closer's thread. If
   * {@link #CAPACITY} connections wait already, this one stays open and a warning is logged.
   *
   * <p>Never blocks, except after {@link #awaitEnd}: then this thread closes the connection.
   */
  void close(BrokerLink link) {
    link.abandon();
    try {
      executor.execute(link::close);
    } catch (RejectedExecutionException full) {
      if (executor.isShutdown()) {
        link.close();
        return;
      }
      LOG.warn(
          "connection not closed, {} earlier connections are still being closed generation={}",
          CAPACITY,
          link.generation());
    }
  }

  /** Stops the closer and waits until all connections are closed, at most {@code patience}. */
  void awaitEnd(Duration patience) {
    executor.shutdown();
    if (!threads.awaitEnd(patience)) {
      LOG.warn("broker connection not closed within {}", patience);
      executor.shutdownNow();
    }
  }
}
