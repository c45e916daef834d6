package io.longspan.jms;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.jms.JmsProvider.Temporary;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.activemq.ActiveMQConnection;
import org.apache.activemq.command.ActiveMQTempDestination;
import org.apache.activemq.command.ActiveMQTempQueue;
import org.apache.activemq.command.ActiveMQTempTopic;
import org.apache.activemq.command.ConnectionId;
import org.apache.activemq.command.DestinationInfo;

/**
 * Creates temporary destinations of ActiveMQ Classic, each with its consumer. Before the client
 * deletes one of its own, it looks through all consumers of the connection, and there is one for
 * each web client. The client does not know of these, so they are deleted without that.
 *
 * <p>May be used on any thread; blocks until the broker has answered.
 */
final class ActiveMqTemporaries {
  /** The client numbers its own temporary destinations from 1. */
  private static final long FIRST_NUMBER = 1_000_000_000;

  private final JmsProvider provider;
  private final AtomicLong numbers = new AtomicLong(FIRST_NUMBER);

  ActiveMqTemporaries(JmsProvider provider) {
    this.provider = provider;
  }

  /**
   * Creates a temporary topic or queue with its consumer.
   *
   * @throws JMSException if the broker rejects one of them; then nothing is left of both
   */
  Temporary open(ActiveMQConnection connection, Session session, Kind kind) throws JMSException {
    ConnectionId id = connection.getConnectionInfo().getConnectionId();
    long number = numbers.getAndIncrement();
    ActiveMQTempDestination created =
        kind == Kind.QUEUE ? new ActiveMQTempQueue(id, number) : new ActiveMQTempTopic(id, number);
    created.setConnection(connection);
    connection.syncSendPacket(new DestinationInfo(id, DestinationInfo.ADD_OPERATION_TYPE, created));
    try {
      return new Temporary(created, session.createConsumer(created));
    } catch (JMSException | RuntimeException x) {
      JmsTemporaryDestination.deleteRejected(provider, connection, created);
      throw x;
    }
  }
}
