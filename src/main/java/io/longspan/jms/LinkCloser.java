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
 * Closes dead connections, one at a time on a thread of its own: a provider may take long over a
 * connection whose other end is silent, and the next one must not wait for that.
 */
final class LinkCloser {
  private static final Logger LOG = LoggerFactory.getLogger(LinkCloser.class);

  /** How many connections may wait to be closed. */
  private static final int CAPACITY = 8;

  /** How long the thread stays when there is nothing to close, in seconds. */
  private static final long IDLE = 1;

  private final DaemonThreads threads = new DaemonThreads("longspan-jms-closer");
  private final ThreadPoolExecutor executor =
      new ThreadPoolExecutor(
          1, 1, IDLE, TimeUnit.SECONDS, new LinkedBlockingQueue<>(CAPACITY), threads);

  LinkCloser() {
    executor.allowCoreThreadTimeOut(true);
  }

  /** Takes a connection to be closed; never blocks, but after {@link #awaitEnd}. */
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
          "a connection is left as it is, {} earlier ones are still being closed generation={}",
          CAPACITY,
          link.generation());
    }
  }

  /** Takes no more; waits until all are closed, for a bounded time. */
  void awaitEnd(Duration patience) {
    executor.shutdown();
    if (!threads.awaitEnd(patience)) {
      LOG.warn("a connection to the broker could not be closed in {}", patience);
      executor.shutdownNow();
    }
  }
}
