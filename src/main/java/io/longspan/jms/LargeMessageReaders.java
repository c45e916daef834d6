package io.longspan.jms;

import io.longspan.concurrent.DaemonThreads;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one connection that read large messages, in turn by owner.
 *
 * <p>A provider may hand over a message before its body has arrived. Whoever reads such a body
 * waits for the broker. A delivery thread serves many clients and must not wait, so these threads
 * do. A consumer has at most one message here, so no more messages wait than there are consumers.
 * The threads are created on demand and end when they have nothing to read.
 *
 * <p>May be used on any thread.
 */
final class LargeMessageReaders {
  private static final Logger LOG = LoggerFactory.getLogger(LargeMessageReaders.class);

  private static final int THREADS = 4;
  private static final long IDLE_SECONDS = 10;

  private final DaemonThreads threads = new DaemonThreads("longspan-large-message");
  private final ThreadPoolExecutor pool;
  private final FairTasks tasks;

  LargeMessageReaders() {
    pool =
        new ThreadPoolExecutor(
            THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
    pool.allowCoreThreadTimeOut(true);
    tasks = new FairTasks(pool);
  }

  /**
   * Returns an executor whose tasks run in the turns of one owner. A task is discarded if the
   * connection has ended.
   *
   * @param owner the user of a temporary topic, or the name of a topic
   */
  Executor of(String owner) {
    return task -> {
      try {
        tasks.submit(owner, task);
      } catch (RejectedExecutionException ended) {
        LOG.debug("large message discarded, its connection is closed", ended);
      }
    };
  }

  /** Discards the messages that wait, and interrupts the threads. Never blocks. Idempotent. */
  void close() {
    pool.shutdownNow();
  }

  /** Waits for the end of the threads, at most the given time. */
  void awaitEnd(Duration patience) {
    threads.awaitEnd(patience);
  }
}
