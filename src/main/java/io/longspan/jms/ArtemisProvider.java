package io.longspan.jms;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.core.client.ClientSession;
import org.apache.activemq.artemis.api.jms.ActiveMQJMSConstants;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQDestination;
import org.apache.activemq.artemis.jms.client.ActiveMQSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Artemis with its core client. */
final class ArtemisProvider implements JmsProvider {
  private static final Logger LOG = LoggerFactory.getLogger(ArtemisProvider.class);

  /** The window of unconfirmed messages, which switches answers to asynchronous sends on. */
  private static final int CONFIRMATION_BYTES = 1 << 20;

  private final Broker broker;

  ArtemisProvider(Broker broker) {
    this.broker = broker;
  }

  @Override
  public ConnectionFactory connectionFactory() throws JMSException {
    return newFactory();
  }

  @Override
  public ConnectionFactory trialFactory() throws JMSException {
    ActiveMQConnectionFactory factory = newFactory();
    factory.setConfirmationWindowSize(CONFIRMATION_BYTES);
    return factory;
  }

  /** A send in a transaction does not wait for the broker, but its listener gets the answer. */
  @Override
  public void tryToSend(Session transaction, Destination destination, long timeToLive)
      throws JMSException {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    transaction
        .createProducer(destination)
        .send(
            transaction.createMessage(),
            DeliveryMode.PERSISTENT,
            Message.DEFAULT_PRIORITY,
            timeToLive,
            new CompletionListener() {
              @Override
              public void onCompletion(Message message) {
                answer.complete(null);
              }

              @Override
              public void onException(Message message, Exception refused) {
                answer.completeExceptionally(refused);
              }
            });
    try {
      answer.get(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException refused) {
      JMSException failure = new JMSException(String.valueOf(refused.getMessage()));
      failure.initCause(refused);
      throw failure;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new JMSException("interrupted");
    }
    transaction.rollback();
  }

  private ActiveMQConnectionFactory newFactory() throws JMSException {
    Optional<SSLContext> tls = BrokerTls.context(broker);
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
    tls.ifPresent(context -> ArtemisTls.use(factory, context, broker.tls().orElseThrow()));
    return factory;
  }

  @Override
  public Optional<OneByOne> oneByOne() {
    return Optional.of(new ArtemisOneByOne());
  }

  @Override
  public String pattern(String neutral) {
    return Patterns.of(Dialect.ARTEMIS, neutral);
  }

  /**
   * A non-durable topic needs no acknowledgement. So no acknowledgement runs while the session's
   * thread creates a consumer on the same session.
   */
  @Override
  public int topicAcknowledgeMode() {
    return ActiveMQJMSConstants.PRE_ACKNOWLEDGE;
  }

  /** The session's own methods would ask the broker, and remember the name for ever. */
  @Override
  public Destination replyTo(Session session, BrokerDestination destination) {
    return localDestination(destination);
  }

  static Destination localDestination(BrokerDestination destination) {
    return destination.kind() == Kind.QUEUE
        ? ActiveMQDestination.createQueue(destination.name())
        : ActiveMQDestination.createTopic(destination.name());
  }

  /**
   * Creates a consumer and leaves no queue behind if the broker rejects it.
   *
   * <p>The client first creates a queue for the subscription and then consumes from the queue. If
   * the broker rejects the second step, the queue stays until the connection ends. It would collect
   * every message of the topic.
   */
  @Override
  public MessageConsumer createConsumer(
      Connection connection, Session session, Destination destination, String selector)
      throws JMSException {
    return consume(session, destination, selector);
  }

  static MessageConsumer consume(Session session, Destination destination, String selector)
      throws JMSException {
    try {
      return session.createConsumer(destination, selector);
    } catch (JMSException refusal) {
      if (destination instanceof Topic topic) {
        deleteUnconsumed((ActiveMQSession) session, topic.getTopicName());
      }
      throw refusal;
    }
  }

  private static void deleteUnconsumed(ActiveMQSession session, String topic) {
    try {
      deleteUnconsumed(session.getCoreSession(), SimpleString.of(topic));
    } catch (ActiveMQException x) {
      LOG.warn(
          "queue of a rejected consumer not deleted, it may remain until the connection ends"
              + " topic={}",
          topic,
          x);
    }
  }

  /**
   * Deletes the temporary queues of an address that have no consumer. The client does not say which
   * queue it created, but a queue in use has a consumer. The queue with the name of the address
   * belongs to a temporary topic, so it stays.
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
