package io.longspan.jms;

import io.longspan.config.LongspanConfig.Dialect;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.concurrent.Executor;
import org.apache.qpid.jms.JmsDestination;
import org.apache.qpid.jms.JmsSession;
import org.apache.qpid.jms.message.JmsMessageSupport;
import org.apache.qpid.jms.policy.JmsDefaultPrefetchPolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Individual acknowledgement of Qpid JMS. A consumer with a prefetch of 0 asks for one message
 * whenever it gets a listener, so it has no listener while it holds a message. AMQP has an outcome
 * for each message. ActiveMQ Classic keeps a message that was given back for the same link, so that
 * the link must end too.
 */
final class AmqpOneByOne implements OneByOne {
  private static final Logger LOG = LoggerFactory.getLogger(AmqpOneByOne.class);

  /** The acknowledgement mode of Qpid JMS, which has no constant for it in JMS 3.1. */
  private static final int INDIVIDUAL_ACKNOWLEDGE = 101;

  private final Dialect dialect;

  AmqpOneByOne(Dialect dialect) {
    this.dialect = dialect;
  }

  /** A prefetch policy that gives no credit in advance to the consumers of this class. */
  static final class Prefetch extends JmsDefaultPrefetchPolicy {
    Prefetch(JmsDefaultPrefetchPolicy source) {
      super(source);
    }

    @Override
    public Prefetch copy() {
      return new Prefetch(this);
    }

    @Override
    public int getConfiguredPrefetch(
        JmsSession session, JmsDestination destination, boolean durable, boolean browser) {
      return isIndividual(session)
          ? 0
          : super.getConfiguredPrefetch(session, destination, durable, browser);
    }

    private static boolean isIndividual(JmsSession session) {
      try {
        return session.getAcknowledgeMode() == INDIVIDUAL_ACKNOWLEDGE;
      } catch (JMSException closed) {
        return false;
      }
    }
  }

  @Override
  public Session open(Connection connection) throws JMSException {
    return connection.createSession(false, INDIVIDUAL_ACKNOWLEDGE);
  }

  @Override
  public OneMessageConsumer consume(
      Connection connection,
      Session session,
      Origin origin,
      MessageReceiver receiver,
      Executor readers)
      throws JMSException {
    Consumer consumer =
        new Consumer(
            origin.subscription().isPresent()
                ? session.createDurableSubscriber(
                    (Topic) origin.destination(),
                    origin.subscription().get(),
                    origin.selector(),
                    false)
                : session.createConsumer(origin.destination(), origin.selector()),
            receiver,
            dialect == Dialect.ACTIVEMQ);
    try {
      consumer.resume();
    } catch (JMSException | RuntimeException x) {
      consumer.close();
      throw x;
    }
    return consumer;
  }

  @Override
  public void delete(Connection connection, Session session, Origin origin) throws JMSException {
    session.unsubscribe(origin.subscription().orElseThrow());
  }

  /** A broker handles the frames of a connection in their order, so any answer will do. */
  @Override
  public void confirm(Connection connection, Session session) throws JMSException {
    connection.createSession(false, Session.AUTO_ACKNOWLEDGE).close();
  }

  private static final class Consumer implements OneMessageConsumer, MessageListener {
    private final MessageConsumer consumer;
    private final MessageReceiver receiver;

    /** Whether the broker gives back a message to other consumers only at the end of the link. */
    private final boolean releasesByEnding;

    private boolean usedUp;

    Consumer(MessageConsumer consumer, MessageReceiver receiver, boolean releasesByEnding) {
      this.consumer = consumer;
      this.receiver = receiver;
      this.releasesByEnding = releasesByEnding;
    }

    @Override
    public void onMessage(Message message) {
      try {
        consumer.setMessageListener(null);
      } catch (JMSException ended) {
        LOG.debug("message of a closed consumer discarded", ended);
        return;
      }
      receiver.received(message);
    }

    @Override
    public void acknowledge(Message message) throws JMSException {
      settle(message, JmsMessageSupport.ACCEPTED);
    }

    @Override
    public void release(Message message, boolean pausing) throws JMSException {
      // First: Qpid JMS does not end the link of a message that is not settled.
      settle(message, JmsMessageSupport.MODIFIED_FAILED);
      if (releasesByEnding) {
        usedUp = true;
        consumer.close();
      }
    }

    @Override
    public boolean isUsedUp() {
      return usedUp;
    }

    @Override
    public void reject(Message message, String reason) throws JMSException {
      settle(message, JmsMessageSupport.REJECTED);
    }

    private static void settle(Message message, int outcome) throws JMSException {
      message.setIntProperty(JmsMessageSupport.JMS_AMQP_ACK_TYPE, outcome);
      message.acknowledge();
    }

    @Override
    public void resume() throws JMSException {
      consumer.setMessageListener(this);
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
