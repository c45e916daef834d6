package io.longspan.jms;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.apache.activemq.ActiveMQConnection;
import org.apache.activemq.ActiveMQMessageConsumer;
import org.apache.activemq.ActiveMQSession;
import org.apache.activemq.command.ActiveMQDestination;
import org.apache.activemq.command.ActiveMQMessage;
import org.apache.activemq.command.ActiveMQQueue;
import org.apache.activemq.command.ActiveMQTopic;
import org.apache.activemq.command.Command;
import org.apache.activemq.command.ConnectionId;
import org.apache.activemq.command.FlushCommand;
import org.apache.activemq.command.LocalTransactionId;
import org.apache.activemq.command.MessageAck;
import org.apache.activemq.command.TransactionId;
import org.apache.activemq.command.TransactionInfo;
import org.apache.activemq.transport.FutureResponse;
import org.apache.activemq.transport.ResponseCallback;
import org.apache.activemq.transport.Transport;
import org.apache.activemq.transport.TransportFilter;

/**
 * Individual acknowledgement of ActiveMQ Classic, with one message for each consumer. Only the end
 * of a consumer gives its message back, so a released message costs its consumer.
 */
final class ActiveMqOneByOne implements OneByOne {
  /** Sessions that have settled persistent messages since their last confirmation. */
  private final Set<Session> unstored = ConcurrentHashMap.newKeySet();

  /**
   * Discards the commands by which the client asks for more messages than it has acknowledged. Only
   * consumers of {@link ActiveMqOneByOne} send any.
   */
  static Transport withinPrefetch(Transport transport) {
    return new TransportFilter(transport) {
      @Override
      public void oneway(Object command) throws IOException {
        if (!(command instanceof MessageAck ack && ack.isDeliveredAck())) {
          super.oneway(command);
        }
      }

      /** Passes the callback on, which the superclass drops. */
      @Override
      public FutureResponse asyncRequest(Object command, ResponseCallback callback)
          throws IOException {
        return next.asyncRequest(command, callback);
      }
    };
  }

  @Override
  public Session open(Connection connection) throws JMSException {
    return connection.createSession(false, ActiveMQSession.INDIVIDUAL_ACKNOWLEDGE);
  }

  @Override
  public OneMessageConsumer consume(
      Connection connection,
      Session session,
      Origin origin,
      MessageReceiver receiver,
      Executor readers)
      throws JMSException {
    String limited =
        ((ActiveMQDestination) origin.destination()).getPhysicalName() + "?consumer.prefetchSize=1";
    MessageConsumer consumer =
        origin.subscription().isPresent()
            ? session.createDurableSubscriber(
                new ActiveMQTopic(limited), origin.subscription().get(), origin.selector(), false)
            : session.createConsumer(new ActiveMQQueue(limited), origin.selector());
    try {
      MessageReceiver.listen(consumer, receiver, readers, false);
    } catch (JMSException | RuntimeException x) {
      consumer.close();
      throw x;
    }
    return new Consumer(
        (ActiveMQConnection) connection, session, (ActiveMQMessageConsumer) consumer);
  }

  @Override
  public void delete(Connection connection, Session session, Origin origin) throws JMSException {
    session.unsubscribe(origin.subscription().orElseThrow());
  }

  /**
   * A broker handles the commands of a connection in their order. Its store answers before an
   * acknowledgement is on disk, but not before a commit is ({@code docs/decisions/0071}). So an
   * empty transaction ends the settlements of persistent messages.
   */
  @Override
  public void confirm(Connection connection, Session session) throws JMSException {
    ActiveMQConnection broker = (ActiveMQConnection) connection;
    Command last = new FlushCommand();
    if (unstored.remove(session)) {
      ConnectionId id = broker.getConnectionInfo().getConnectionId();
      TransactionId empty =
          new LocalTransactionId(id, broker.getLocalTransactionIdGenerator().getNextSequenceId());
      broker.asyncSendPacket(new TransactionInfo(id, empty, TransactionInfo.BEGIN));
      last = new TransactionInfo(id, empty, TransactionInfo.COMMIT_ONE_PHASE);
    }
    broker.syncSendPacket(last, Math.toIntExact(JmsProvider.CALL_TIMEOUT.toMillis()));
  }

  private final class Consumer implements OneMessageConsumer {
    private final ActiveMQConnection connection;
    private final Session session;
    private final ActiveMQMessageConsumer consumer;
    private boolean usedUp;

    Consumer(ActiveMQConnection connection, Session session, ActiveMQMessageConsumer consumer) {
      this.connection = connection;
      this.session = session;
      this.consumer = consumer;
    }

    @Override
    public void acknowledge(Message message) throws JMSException {
      message.acknowledge();
      settled((ActiveMQMessage) message);
    }

    private void settled(ActiveMQMessage message) {
      if (message.isPersistent()) {
        unstored.add(session);
      }
    }

    @Override
    public void release(Message message, boolean pausing) throws JMSException {
      usedUp = true;
      consumer.close();
    }

    @Override
    public void reject(Message message, String reason) throws JMSException {
      ActiveMQMessage given = (ActiveMQMessage) message;
      MessageAck ack = new MessageAck(given, MessageAck.POISON_ACK_TYPE, 1);
      ack.setConsumerId(consumer.getConsumerId());
      ack.setFirstMessageId(given.getMessageId());
      ack.setPoisonCause(new Throwable(reason, null, false, false) {});
      usedUp = true;
      connection.asyncSendPacket(ack);
      settled(given);
      consumer.close();
    }

    /** The broker sends the next message as soon as the last one is acknowledged. */
    @Override
    public void resume() {}

    @Override
    public boolean isUsedUp() {
      return usedUp;
    }

    @Override
    public boolean hasEnded() {
      return !usedUp && WatchedConsumer.hasEnded(consumer);
    }

    @Override
    public void close() throws JMSException {
      consumer.close();
    }
  }
}
