package io.longspan.jms;

import io.longspan.concurrent.DaemonThreads;
import io.longspan.concurrent.InternalErrors;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryTopic;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows whether a broker still takes and gives messages: a message goes to a temporary topic of its
 * own and must come back. While none does, the broker is asked for another temporary topic, which
 * it can give also where its memory is used up: that tells a broker that takes nothing from one
 * that is gone.
 *
 * <p>Each of its two threads may be stuck in the provider; whoever judges asks {@link #millisLeft}
 * and {@link #isBeating}, which never block.
 */
final class Heartbeat {
  /** How often a beat is sent. */
  static final Duration PERIOD = Duration.ofSeconds(2);

  /** How long the broker may give no sign of life before the connection counts as lost. */
  static final Duration LIMIT = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

  private final Session session;
  private final MessageProducer producer;
  private final MessageConsumer consumer;
  private final Session asking;
  private final LongSupplier runningTime;
  private final DaemonThreads threads;
  private final BrokerClock clock = new BrokerClock(System::currentTimeMillis);
  private volatile Thread[] running = {};
  private volatile long lastBeat;
  private volatile long lastAnswer;
  private volatile boolean closed;

  /**
   * Opens what the heartbeat needs; {@link #start} begins to beat.
   *
   * @param runningTime nanoseconds in which this process ran
   */
  Heartbeat(Connection connection, int generation, LongSupplier runningTime) throws JMSException {
    this.runningTime = runningTime;
    session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    TemporaryTopic topic = session.createTemporaryTopic();
    consumer = session.createConsumer(topic);
    producer = session.createProducer(topic);
    // No time to live: the clocks of broker and bridge may differ, and few beats can ever wait.
    producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
    asking = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    threads = new DaemonThreads("longspan-heartbeat-" + generation);
  }

  /** Begins to beat; the connection has been started. */
  void start() {
    lastBeat = runningTime.getAsLong();
    lastAnswer = lastBeat;
    ThreadFactory factory = threads;
    running = new Thread[] {factory.newThread(this::beat), factory.newThread(this::ask)};
    for (Thread thread : running) {
      thread.start();
    }
  }

  /**
   * Returns after how many milliseconds without a sign of life the connection is lost; 0: it is.
   */
  long millisLeft() {
    return Math.max(0, LIMIT.toMillis() - millisSince(Math.max(lastBeat, lastAnswer)));
  }

  /** Returns whether messages come back in time; the connection may live without. */
  boolean isBeating() {
    return millisSince(lastBeat) < LIMIT.toMillis();
  }

  private long millisSince(long then) {
    return TimeUnit.NANOSECONDS.toMillis(runningTime.getAsLong() - then);
  }

  private void beat() {
    everyPeriod(
        () -> {
          clock.send(session, producer);
          // An earlier one as well.
          Message back = consumer.receive(PERIOD.toMillis());
          while (back != null) {
            lastBeat = runningTime.getAsLong();
            back = clock.read(back) ? null : consumer.receive(PERIOD.toMillis());
          }
        });
  }

  private void ask() {
    everyPeriod(
        () -> {
          if (millisSince(lastBeat) > 2 * PERIOD.toMillis()) {
            asking.createTemporaryTopic().delete();
            lastAnswer = runningTime.getAsLong();
          }
        });
  }

  /** What may fail or be stuck in the provider. */
  private interface Call {
    void run() throws JMSException;
  }

  private void everyPeriod(Call call) {
    try {
      while (!closed) {
        long next = System.nanoTime() + PERIOD.toNanos();
        try {
          call.run();
        } catch (JMSException | RuntimeException x) {
          if (!closed) {
            LOG.warn("no heartbeat error={}", JmsErrors.text(x));
          }
        } catch (Error x) {
          InternalErrors.report("a heartbeat", x);
        }
        TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns how far the broker's clock is ahead, in milliseconds; never blocks. */
  long clockOffset() {
    return clock.offset();
  }

  /** Stops beating; does not wait. */
  void close() {
    closed = true;
    for (Thread thread : running) {
      thread.interrupt();
    }
  }

  /** Waits a moment for the end of the threads, once the connection is closed. */
  void awaitEnd() {
    threads.awaitEnd(BrokerLink.END_PATIENCE);
  }
}
