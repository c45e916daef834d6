package io.longspan.jms;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the broker's clock with the clock of this machine. If they differ, messages with a time
 * to live expire too early or too late, without any error.
 *
 * <p>There are two measurements. Some brokers write their time into each heartbeat. For other
 * brokers, the bridge sends probes before some heartbeats: messages with a time to live. If the
 * heartbeat comes back without its probe, the probe has expired at the broker.
 *
 * <p>{@link #send} and {@link #read} belong to the heartbeat's thread. {@link #offset} may be
 * called on any thread.
 */
final class BrokerClock {
  /** Differences up to this limit count as no difference, in milliseconds. */
  static final long TOLERANCE = 5_000;

  /** The time to live of a probe, in milliseconds. */
  static final long PROBE_LIFETIME = 60_000;

  /**
   * Number of heartbeats without a probe between two probes. After a lost probe the next heartbeat
   * has a probe again.
   */
  private static final int PROBE_PERIOD = 15;

  /** Number of consecutive lost probes that count as a difference of the clocks. */
  private static final int LOST_PROBES = 2;

  private static final Logger LOG = LoggerFactory.getLogger(BrokerClock.class);
  private static final String SENT_AT = "sentAt";
  private static final String PROBE = "probe";

  private final LongSupplier wallClock;

  /** Number of heartbeats to send before the next probe. */
  private int untilProbe;

  private long probes;
  private long lastReturned;
  private int lostProbes;
  private volatile long offset;

  /**
   * Creates a comparison without measurements.
   *
   * @param wallClock the time of this machine, in milliseconds since 1970
   */
  BrokerClock(LongSupplier wallClock) {
    this.wallClock = wallClock;
  }

  /**
   * Returns how far the broker's clock is ahead, in milliseconds; negative if it is behind. 0 means
   * a difference within the tolerance, or none measured. {@link #PROBE_LIFETIME} may mean a larger
   * difference, because probes show only that minimum.
   */
  long offset() {
    return offset;
  }

  /**
   * Sends a heartbeat, with a probe before it if one is due. May block while the broker does not
   * answer.
   */
  void send(Session session, MessageProducer producer) throws JMSException {
    Message beat = session.createMessage();
    beat.setLongProperty(SENT_AT, wallClock.getAsLong());
    if (untilProbe-- <= 0) {
      untilProbe = PROBE_PERIOD;
      Message probe = session.createMessage();
      probe.setLongProperty(PROBE, ++probes);
      producer.send(probe, DeliveryMode.NON_PERSISTENT, Message.DEFAULT_PRIORITY, PROBE_LIFETIME);
      beat.setLongProperty(PROBE, probes);
    }
    producer.send(beat);
  }

  /**
   * Reads a message that came back, a heartbeat or a probe.
   *
   * @return true for a heartbeat, false for a probe
   */
  boolean read(Message message) throws JMSException {
    if (!message.propertyExists(SENT_AT)) {
      lastReturned = message.getLongProperty(PROBE);
      return false;
    }
    if (message.propertyExists(PROBE)) {
      boolean lost = message.getLongProperty(PROBE) != lastReturned;
      lostProbes = lost ? lostProbes + 1 : 0;
      untilProbe = lost ? 0 : untilProbe;
    }
    long sentAt = message.getLongProperty(SENT_AT);
    long now = wallClock.getAsLong();
    long measured =
        times(message).map(time -> difference(time, sentAt, now)).reduce(0, BrokerClock::larger);
    update(
        Math.abs(measured) > TOLERANCE ? measured : lostProbes >= LOST_PROBES ? PROBE_LIFETIME : 0);
    return true;
  }

  /**
   * Returns all times in a message that the broker may have written. This machine may have written
   * the JMS timestamp, so it then shows no difference.
   */
  private static LongStream times(Message message) throws JMSException {
    long brokerInTime =
        message instanceof org.apache.activemq.command.Message command
            ? command.getBrokerInTime()
            : 0;
    String ingress = org.apache.activemq.artemis.api.core.Message.HDR_INGRESS_TIMESTAMP.toString();
    long ingressTime = message.propertyExists(ingress) ? message.getLongProperty(ingress) : 0;
    return LongStream.of(message.getJMSTimestamp(), brokerInTime, ingressTime)
        .filter(time -> time > 0);
  }

  /**
   * Returns the difference that is certain: the broker received the message after it was sent and
   * before it came back.
   */
  private static long difference(long time, long sentAt, long receivedAt) {
    return time < sentAt ? time - sentAt : Math.max(0, time - receivedAt);
  }

  private static long larger(long one, long other) {
    return Math.abs(one) > Math.abs(other) ? one : other;
  }

  private void update(long now) {
    if ((now == 0) != (offset == 0)) {
      if (now == 0) {
        LOG.info("broker clock agrees with this machine's again");
      } else {
        LOG.warn(
            "broker clock differs from this machine's offsetSeconds={} consequence=\"messages with"
                + " a time to live expire at the wrong time\" remedy=\"synchronise both clocks\"",
            TimeUnit.MILLISECONDS.toSeconds(now));
      }
    }
    offset = now;
  }
}
