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
 * Compares the broker's clock with this machine's. Where they differ, messages with a time to live
 * expire too early or too late, and nobody says why. Two things tell: the time that the broker has
 * written into a heartbeat, where it writes one; and probes, messages with a time to live that are
 * sent before a heartbeat and do not come back with it.
 *
 * <p>The heartbeat's thread calls; {@link #offset} may be asked on any thread.
 */
final class BrokerClock {
  /** Differences up to this are none, in milliseconds. */
  static final long TOLERANCE = 5_000;

  /** The time to live of a probe, in milliseconds. */
  static final long PROBE_LIFETIME = 60_000;

  /** So many heartbeats are sent without a probe, and none while probes are lost. */
  private static final int PROBE_PERIOD = 15;

  /** So many probes in a row that were lost are no accident. */
  private static final int LOST_PROBES = 2;

  private static final Logger LOG = LoggerFactory.getLogger(BrokerClock.class);
  private static final String SENT_AT = "sentAt";
  private static final String PROBE = "probe";

  private final LongSupplier wallClock;

  /** How many heartbeats may be sent before the next probe. */
  private int untilProbe;

  private long probes;
  private long lastReturned;
  private int lostProbes;
  private volatile long offset;

  /**
   * Creates a comparison that has seen nothing.
   *
   * @param wallClock this machine's time, in milliseconds since 1970
   */
  BrokerClock(LongSupplier wallClock) {
    this.wallClock = wallClock;
  }

  /**
   * Returns how far the broker's clock is ahead, in milliseconds; 0 within the tolerance. It is
   * {@link #PROBE_LIFETIME} where it is known to be that much at least.
   */
  long offset() {
    return offset;
  }

  /** Sends a heartbeat, after a probe if one is due. */
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

  /** Reads what has come back; returns whether it was a heartbeat, not a probe. */
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

  /** The times that the broker may have written into a message, this machine's among them. */
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

  /** The broker had the message after it was sent and before it came back. */
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
