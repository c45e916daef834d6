package io.longspan.jms;

import io.longspan.config.LongspanConfig.Broker;
import jakarta.jms.ConnectionFactory;
import org.apache.activemq.artemis.api.core.client.ActiveMQClient;
import org.apache.activemq.artemis.api.jms.ActiveMQJMSConstants;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/** Artemis over its core client. */
final class ArtemisProvider implements JmsProvider {
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
}
