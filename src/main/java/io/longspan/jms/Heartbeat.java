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
 * Checks whether the broker still accepts and delivers messages. One thread sends a message to a
 * temporary topic and waits until it comes back. If none comes back, a second thread requests
 * another temporary topic. A broker can create one even without free memory. So the heartbeat can
 * distinguish a broker that accepts no messages from a broker that does not answer at all.
 *
 * <p>The provider may block each of the two threads. {@link #millisLeft} and {@link #isBeating}
 * only read fields and never block.
 */
final class Heartbeat {
  /** The interval between two heartbeats. */
  static final Duration PERIOD = Duration.ofSeconds(2);

  /** A connection without any sign of life for this time counts as lost. */
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
   * Opens the sessions and the temporary topic. {@link #start} begins to send heartbeats.
   *
   * @param runningTime a clock in nanoseconds that excludes pauses of this process
   * @throws JMSException if the broker rejects one of them
   */
  Heartbeat(Connection connection, int generation, LongSupplier runningTime) throws JMSException {
    this.runningTime = runningTime;
    session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    TemporaryTopic topic = session.createTemporaryTopic();
    consumer = session.createConsumer(topic);
    producer = session.createProducer(topic);
    // No time to live: the clocks of the broker and the bridge may differ. Only few heartbeats can
    // queue.
    producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
    asking = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    threads = new DaemonThreads("longspan-heartbeat-" + generation);
  }

  /** Begins to send heartbeats. The connection must be started. */
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
   * Returns the milliseconds until the connection counts as lost if the broker stays silent; 0 if
   * it counts as lost already.
   */
  long millisLeft() {
    return Math.max(0, LIMIT.toMillis() - millisSince(Math.max(lastBeat, lastAnswer)));
  }

  /**
   * Returns whether heartbeats come back in time. A connection can be open although they do not.
   */
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
          // A late answer to an earlier heartbeat counts too.
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

  /** A call that may fail, or that the provider may block. */
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

  /** Stops both threads; does not wait for them. */
  void close() {
    closed = true;
    for (Thread thread : running) {
      thread.interrupt();
    }
  }

  /**
   * Waits for the end of both threads, at most {@link BrokerLink#END_PATIENCE}. The connection must
   * be closed.
   */
  void awaitEnd() {
    threads.awaitEnd(BrokerLink.END_PATIENCE);
  }
}
