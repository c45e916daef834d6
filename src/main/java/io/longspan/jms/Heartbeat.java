package io.longspan.jms;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryTopic;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows whether a broker still takes and gives messages: a message goes to a temporary topic of its
 * own and must come back. One thread sends and receives, and may be stuck in the provider; whoever
 * judges asks {@link #millisLeft}, which never blocks.
 */
final class Heartbeat {
  /** How often a beat is sent. */
  static final Duration PERIOD = Duration.ofSeconds(2);

  /** How long no beat may come back before the connection counts as lost. */
  static final Duration LIMIT = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

  private final Session session;
  private final MessageProducer producer;
  private final MessageConsumer consumer;
  private final Thread thread;
  private final BrokerClock clock = new BrokerClock(System::currentTimeMillis);
  private volatile long lastBeat;
  private volatile boolean closed;

  /** Opens what the heartbeat needs; {@link #start} begins to beat. */
  Heartbeat(Connection connection, int generation) throws JMSException {
    session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    TemporaryTopic topic = session.createTemporaryTopic();
    consumer = session.createConsumer(topic);
    producer = session.createProducer(topic);
    // No time to live: the clocks of broker and bridge may differ, and few beats can ever wait.
    producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
    thread = new Thread(this::run, "longspan-heartbeat-" + generation);
    thread.setDaemon(true);
  }

  /** Begins to beat; the connection has been started. */
  void start() {
    lastBeat = System.nanoTime();
    thread.start();
  }

  /** Returns after how many milliseconds without a beat the connection is lost; 0: it is. */
  long millisLeft() {
    long silence = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastBeat);
    return Math.max(0, LIMIT.toMillis() - silence);
  }

  private void run() {
    try {
      while (!closed) {
        long next = System.nanoTime() + PERIOD.toNanos();
        beat();
        TimeUnit.NANOSECONDS.sleep(next - System.nanoTime());
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends a beat and waits for one, an earlier one too, for no longer than the period. */
  private void beat() {
    try {
      clock.send(session, producer);
      Message back = consumer.receive(PERIOD.toMillis());
      while (back != null) {
        lastBeat = System.nanoTime();
        back = clock.read(back) ? null : consumer.receive(PERIOD.toMillis());
      }
    } catch (JMSException | RuntimeException x) {
      if (!closed) {
        LOG.warn("a heartbeat could not be sent error={}", JmsErrors.text(x));
      }
    }
  }

  /** Returns how far the broker's clock is ahead, in milliseconds; never blocks. */
  long clockOffset() {
    return clock.offset();
  }

  /** Stops beating; does not wait. */
  void close() {
    closed = true;
    thread.interrupt();
  }

  /** Waits a moment for the end of the thread, once the connection is closed. */
  void awaitEnd() {
    try {
      thread.join(BrokerLink.END_PATIENCE.toMillis());
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }
}
