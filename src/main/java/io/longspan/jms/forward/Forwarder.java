package io.longspan.jms.forward;

import io.longspan.catalogue.Forward;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.Secrets;
import jakarta.jms.JMSException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries one {@code forward} entry out: connects, passes messages, and connects again. */
final class Forwarder {
  /** The pause after the first failure, in milliseconds; each further failure doubles it. */
  private static final long FIRST_PAUSE = 200;

  private static final long MAX_PAUSE = 10_000;

  /** After this time with connections, the next failure is a new one. */
  private static final Duration GOOD_TIME = Duration.ofSeconds(10);

  private static final Duration END_PATIENCE = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);

  private final Forward entry;
  private final String id;
  private final Broker from;
  private final Broker to;
  private final ForwardCounts counts;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile boolean connected;

  /**
   * Starts a thread that carries the entry out until {@link #close}.
   *
   * @param bridgeId with the entry, identifies it among those of all bridges
   */
  Forwarder(String bridgeId, Forward entry, Broker from, Broker to, ForwardCounts counts) {
    this.entry = entry;
    this.id = bridgeId + '/' + entry;
    this.from = from;
    this.to = to;
    this.counts = counts;
    this.thread = new Thread(this::run, "longspan-forward-" + entry);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Returns whether messages are passed now. */
  boolean isConnected() {
    return connected;
  }

  private void run() {
    long pause = FIRST_PAUSE;
    while (!stopped) {
      long begin = System.nanoTime();
      try (ForwardLink link = new ForwardLink(entry, id, from, to, counts)) {
        LOG.info("forwarding entry={}", entry);
        connected = true;
        link.run(() -> !stopped);
      } catch (JMSException | RuntimeException x) {
        // A broker that refuses each message is not asked again at once.
        pause = System.nanoTime() - begin > GOOD_TIME.toNanos() ? FIRST_PAUSE : pause;
        failed(x, pause);
      }
      connected = false;
      if (!stopped) {
        sleep(pause);
        pause = Math.min(MAX_PAUSE, 2 * pause);
      }
    }
  }

  private void failed(Exception failure, long pause) {
    if (!stopped) {
      counts.failures.increment();
      Throwable cause = failure;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      LOG.warn(
          "not forwarding entry={} retryInMillis={} error={}",
          entry,
          pause,
          Secrets.masked(failure.getMessage() + ": " + cause.getMessage()));
      LOG.debug("not forwarding entry={}", entry, failure);
    }
  }

  private void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException x) {
      stopped = true;
    }
  }

  /** Asks the thread to end after the present message. */
  void stop() {
    stopped = true;
    if (!connected) {
      thread.interrupt();
    }
  }

  /** Blocks until the thread has ended after {@link #stop}, for a bounded time. */
  void awaitEnd() {
    try {
      thread.join(END_PATIENCE.toMillis());
      if (thread.isAlive()) {
        thread.interrupt();
        LOG.warn("forwarding has not ended in time entry={}", entry);
      }
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }
}
