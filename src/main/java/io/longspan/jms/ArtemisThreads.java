package io.longspan.jms;

import io.longspan.concurrent.DaemonThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The delivery threads of the consumers of {@link ArtemisOneByOne}, on one connection. A consumer
 * always has the same thread. The threads start with the first message and end when they are idle.
 */
final class ArtemisThreads {
  private static final Logger LOG = LoggerFactory.getLogger(ArtemisThreads.class);
  private static final int THREADS = 4;
  private static final long IDLE_SECONDS = 10;

  private final DaemonThreads threads = new DaemonThreads("longspan-deliveries");
  private final List<ExecutorService> executors = new ArrayList<>();
  private final AtomicInteger next = new AtomicInteger();

  ArtemisThreads() {
    for (int i = 0; i < THREADS; i++) {
      ThreadPoolExecutor one =
          new ThreadPoolExecutor(
              1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads);
      one.allowCoreThreadTimeOut(true);
      executors.add(one);
    }
  }

  /** Returns the executor for a new consumer. It discards tasks after {@link #close}. */
  Executor next() {
    ExecutorService one = executors.get(Math.floorMod(next.getAndIncrement(), THREADS));
    return task -> {
      try {
        one.execute(task);
      } catch (RejectedExecutionException ended) {
        LOG.debug("delivery discarded, its connection is closed", ended);
      }
    };
  }

  /** Ends the threads. Never blocks. Idempotent. */
  void close() {
    executors.forEach(ExecutorService::shutdown);
  }

  void awaitEnd(Duration patience) {
    threads.awaitEnd(patience);
  }
}
