package io.longspan.jms;

import io.longspan.config.LongspanConfig.Broker;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.apache.qpid.jms.JmsConnection;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.apache.qpid.jms.policy.JmsDefaultDeserializationPolicy;
import org.apache.qpid.jms.policy.JmsDefaultPrefetchPolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** AMQP 1.0 with Qpid JMS, for Artemis or for the AMQP connector of ActiveMQ Classic. */
final class AmqpProvider implements JmsProvider {
  private static final Logger LOG = LoggerFactory.getLogger(AmqpProvider.class);

  private final Broker broker;

  AmqpProvider(Broker broker) {
    this.broker = broker;
  }

  @Override
  public ConnectionFactory connectionFactory() throws JMSException {
    Optional<SSLContext> tls = BrokerTls.context(broker);
    JmsConnectionFactory factory =
        new JmsConnectionFactory(BrokerTls.url(broker, "transport.verifyHost"));
    tls.ifPresent(factory::setSslContext);
    long timeout = CALL_TIMEOUT.toMillis();
    factory.setForceSyncSend(true);
    factory.setSendTimeout(timeout);
    factory.setRequestTimeout(timeout);
    factory.setConnectTimeout(timeout);
    factory.setCloseTimeout(timeout);
    JmsDefaultPrefetchPolicy prefetch = (JmsDefaultPrefetchPolicy) factory.getPrefetchPolicy();
    if (prefetch.getTopicPrefetch() == JmsDefaultPrefetchPolicy.DEFAULT_TOPIC_PREFETCH) {
      prefetch.setTopicPrefetch(PREFETCH);
    }
    if (prefetch.getQueuePrefetch() == JmsDefaultPrefetchPolicy.DEFAULT_QUEUE_PREFETCH) {
      prefetch.setQueuePrefetch(PREFETCH);
    }
    factory.setPrefetchPolicy(new AmqpOneByOne.Prefetch(prefetch));
    // The bridge checks expiry itself, and notifies the client of expired messages.
    factory.setLocalMessageExpiry(false);
    JmsDefaultDeserializationPolicy nothing = new JmsDefaultDeserializationPolicy();
    nothing.setDenyList(JmsDefaultDeserializationPolicy.CATCH_ALL_WILDCARD);
    factory.setDeserializationPolicy(nothing);
    return factory;
  }

  /**
   * Registers a listener for lost connections and closed sessions.
   *
   * <p>Qpid also reports links that the broker has closed, for example after an administrator has
   * deleted a queue. Such a report is only logged, because the connection still works. A closed
   * session makes the connection unusable; {@link ConsumerWatch} reports it as an {@code
   * IllegalStateException}.
   */
  @Override
  public void listen(Connection connection, Consumer<Exception> onFault) throws JMSException {
    JmsConnection jms = (JmsConnection) connection;
    jms.setExceptionListener(
        failure -> {
          if (jms.isFailed() || failure instanceof IllegalStateException) {
            onFault.accept(failure);
          } else {
            LOG.warn("broker closed an AMQP link error={}", JmsErrors.text(failure));
          }
        });
  }

  @Override
  public Optional<OneByOne> oneByOne() {
    return Optional.of(new AmqpOneByOne(broker.dialect()));
  }

  @Override
  public boolean bindsSubscriptionsToConnections() {
    return true;
  }

  @Override
  public String pattern(String neutral) {
    return Patterns.of(broker.dialect(), neutral);
  }

  @Override
  public boolean carriesText(String text) {
    return OpenWire.carries(broker.dialect(), text);
  }

  /** Qpid JMS rejects property names with characters beyond the BMP. */
  @Override
  public boolean carriesName(String name) {
    return OpenWire.isWithinBmp(name) && carriesText(name);
  }

  /** In AMQP, credit belongs to a link, and each producer has its own link. */
  @Override
  public boolean producerPerDestination() {
    return true;
  }

  @Override
  public int topicAcknowledgeMode() {
    return Session.AUTO_ACKNOWLEDGE;
  }
}
