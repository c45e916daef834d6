package io.longspan.jms;

import io.longspan.config.LongspanConfig.Broker;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.jms.ActiveMQJMSConstants;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Artemis over its core client. */
final class ArtemisProvider implements JmsProvider {
  private static final Logger LOG = LoggerFactory.getLogger(ArtemisProvider.class);

  private final Broker broker;

  ArtemisProvider(Broker broker) {
    this.broker = broker;
  }

  @Override
  public ConnectionFactory connectionFactory() {
    ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(broker.url());
    long timeout = CALL_TIMEOUT.toMillis();
    factory.setReconnectAttempts(0);
    factory.setInitialConnectAttempts(1);
    factory.setBlockOnNonDurableSend(true);
    factory.setBlockOnDurableSend(true);
    factory.setCallTimeout(timeout);
    factory.setClientFailureCheckPeriod(timeout);
    factory.setConnectionTTL(3 * timeout);
    if (factory.getConsumerWindowSize() == ActiveMQClient.DEFAULT_CONSUMER_WINDOW_SIZE) {
      factory.setConsumerWindowSize(PREFETCH_BYTES);
    }
    factory.setCacheDestinations(true);
    factory.setDeserializationDenyList("*");
    ArtemisPackets.protect(factory);
    return factory;
  }

  @Override
  public String pattern(String neutral) {
    return Patterns.replaceRest(neutral, "#");
  }

  /**
   * Non-durable topics need no acknowledgement, and none then runs beside a consumer's creation.
   */
  @Override
  public int topicAcknowledgeMode() {
    return ActiveMQJMSConstants.PRE_ACKNOWLEDGE;
  }

  /**
   * The client makes a queue for a subscription first and then consumes from it. Where the second
   * is refused the queue stays until the connection ends, and takes every message of the topic.
   */
  @Override
  public MessageConsumer createConsumer(Session session, Topic topic, String selector)
      throws JMSException {
    return consume(session, topic, selector);
  }

  static MessageConsumer consume(Session session, Topic topic, String selector)
      throws JMSException {
    try {
      return session.createConsumer(topic, selector);
    } catch (JMSException refusal) {
      try {
        deleteUnconsumed(
            ((ActiveMQSession) session).getCoreSession(), SimpleString.of(topic.getTopicName()));
      } catch (ActiveMQException x) {
        LOG.warn("a queue of a refused consumer may stay topic={}", topic.getTopicName(), x);
      }
      throw refusal;
    }
  }

  /**
   * Which queue was made is not known. A temporary one has a consumer as soon as its subscription
   * is there; the one with the address's own name belongs to a temporary topic itself.
   */
  private static void deleteUnconsumed(ClientSession session, SimpleString address)
      throws ActiveMQException {
    for (SimpleString queue : session.addressQuery(address).getQueueNames()) {
      ClientSession.QueueQuery found = session.queueQuery(queue);
      if (!queue.equals(address)
          && found.isExists()
          && found.isTemporary()
          && found.getConsumerCount() == 0) {
        session.deleteQueue(queue);
      }
    }
  }
}
