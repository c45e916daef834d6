package io.longspan.jms;

import io.longspan.bridge.ReplyNames;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.ReplyMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Session;

/**
 * The destination to which a connection sends heartbeats. It is of the same kind as the reply
 * destinations of clients, so that the bridge needs no further rights at the broker.
 */
record HeartbeatDestination(ReplyMode mode, ReplyNames names) {

  /**
   * Creates the destination for one connection. Blocks until the broker has answered.
   *
   * @throws JMSException if the broker rejects it
   */
  Destination create(Session session) throws JMSException {
    return switch (mode) {
      case TEMPORARY_TOPIC -> JmsTemporaryDestination.create(session, Kind.TOPIC);
      case TEMPORARY_QUEUE -> JmsTemporaryDestination.create(session, Kind.QUEUE);
      case TOPIC -> session.createTopic(names.newHeartbeatTopic().name());
      case QUEUE -> session.createQueue(names.heartbeatQueue().name());
    };
  }

  /**
   * Makes a call that a broker answers although it accepts no messages. Blocks until the broker has
   * answered.
   *
   * @throws JMSException if the broker does not answer, or rejects the call
   */
  void ask(Session session) throws JMSException {
    Destination asked = create(session);
    if (MessageCodec.isTemporary(asked)) {
      JmsTemporaryDestination.delete(asked);
    } else if (mode == ReplyMode.TOPIC) {
      session.createConsumer(asked).close();
    } else {
      // A second consumer would receive a heartbeat.
      session.createConsumer(asked, "FALSE").close();
    }
  }
}
