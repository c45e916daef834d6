package io.longspan.jms;

import io.longspan.bridge.MessageBroker.ReplyDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A temporary topic or queue with its consumer. It belongs to one session, and so to one connection
 * generation.
 */
record JmsTemporaryDestination(
    ConsumerSession session, Destination destination, WatchedConsumer consumer)
    implements ReplyDestination {
  private static final Logger LOG = LoggerFactory.getLogger(JmsTemporaryDestination.class);

  /**
   * Creates a temporary topic or queue. Blocks until the broker has answered.
   *
   * @throws JMSException if the broker rejects it
   */
  static Destination create(Session session, Kind kind) throws JMSException {
    return kind == Kind.QUEUE ? session.createTemporaryQueue() : session.createTemporaryTopic();
  }

  /**
   * Deletes a temporary topic or queue. Blocks until the broker has answered.
   *
   * @throws JMSException if the broker rejects that
   */
  static void delete(Destination temporary) throws JMSException {
    if (temporary instanceof TemporaryQueue queue) {
      queue.delete();
    } else {
      ((TemporaryTopic) temporary).delete();
    }
  }

  /**
   * Deletes a temporary destination whose consumer was rejected. Otherwise it would exist as long
   * as the connection.
   */
  static void deleteRejected(JmsProvider provider, Connection connection, Destination temporary) {
    try {
      provider.deleteTemporary(connection, temporary);
    } catch (JMSException | RuntimeException x) {
      LOG.warn(
          "temporary destination without a consumer not deleted,"
              + " it remains until the connection ends",
          x);
    }
  }

  @Override
  public String name() {
    try {
      return MessageCodec.nameOf(destination);
    } catch (JMSException x) {
      throw JmsErrors.translate(x);
    }
  }

  @Override
  public CompletionStage<Void> close() {
    return session.close(
        consumer,
        () -> {
          try {
            session.deleteTemporary(destination);
          } catch (JMSException x) {
            if (!consumer.isLost()) {
              throw x;
            }
            LOG.debug("temporary destination not deleted, the broker has closed its consumer", x);
          }
          return null;
        });
  }

  @Override
  public CompletionStage<Void> lost() {
    return consumer.lost();
  }
}
