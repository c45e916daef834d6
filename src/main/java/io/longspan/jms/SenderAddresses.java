package io.longspan.jms;

import io.longspan.bridge.MessageBroker.Outbound;
import io.longspan.catalogue.BrokerDestination;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Caches the recently used destinations and producers of one session. Belongs to the session's
 * thread.
 */
final class SenderAddresses {
  private static final Logger LOG = LoggerFactory.getLogger(SenderAddresses.class);
  private static final int CACHED_DESTINATIONS = 1_000;

  /** Lower than the limit for destinations, because each producer uses resources of the broker. */
  private static final int CACHED_PRODUCERS = 100;

  /** A destination with the producer that sends to it. */
  record Address(Destination destination, MessageProducer producer) {}

  private final Session session;
  private final JmsProvider provider;

  /** The producer for all destinations; null if each destination has its own. */
  private final MessageProducer common;

  private final Map<Object, Address> known = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * Creates an empty cache.
   *
   * @param session the JMS session of the producers
   * @throws JMSException if no producer can be created
   */
  SenderAddresses(Session session, JmsProvider provider) throws JMSException {
    this.session = session;
    this.provider = provider;
    this.common = provider.producerPerDestination() ? null : session.createProducer(null);
  }

  /**
   * Returns the destination and the producer for a target. May block while the provider creates a
   * producer.
   *
   * @throws JMSException if the broker rejects the producer, or if the session is closed
   */
  Address of(Outbound.Target target) throws JMSException {
    if (target instanceof Outbound.Back back) {
      Destination reply = ((MessageCodec.JmsReplyAddress) back.address()).destination();
      return common == null ? cached(reply.toString(), reply) : new Address(reply, common);
    }
    BrokerDestination wanted = ((Outbound.To) target).destination();
    Address present = known.get(wanted);
    return present == null
        ? cached(wanted, provider.destination(session, wanted.kind(), wanted.name()))
        : present;
  }

  private Address cached(Object key, Destination destination) throws JMSException {
    Address present = known.get(key);
    if (present == null) {
      makeRoom();
      present =
          new Address(destination, common == null ? session.createProducer(destination) : common);
      known.put(key, present);
    }
    return present;
  }

  private void makeRoom() {
    if (known.size() < (common == null ? CACHED_PRODUCERS : CACHED_DESTINATIONS)) {
      return;
    }
    Iterator<Address> eldest = known.values().iterator();
    MessageProducer producer = eldest.next().producer();
    eldest.remove();
    if (common == null) {
      try {
        producer.close();
      } catch (JMSException | RuntimeException x) {
        LOG.debug("a failed producer could not be closed", x);
      }
    }
  }
}
