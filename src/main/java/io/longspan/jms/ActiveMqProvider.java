package io.longspan.jms;

import io.longspan.config.LongspanConfig.Broker;
import jakarta.jms.ConnectionFactory;
import java.util.List;
import org.apache.activemq.ActiveMQConnectionFactory;

/** ActiveMQ Classic over its own client, embedded brokers included. */
final class ActiveMqProvider implements JmsProvider {
  private final Broker broker;

  ActiveMqProvider(Broker broker) {
    this.broker = broker;
  }

  @Override
  public ConnectionFactory connectionFactory() {
    ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(broker.url());
    int timeout = Math.toIntExact(CALL_TIMEOUT.toMillis());
    factory.setAlwaysSyncSend(true);
    factory.setSendTimeout(timeout);
    factory.setConnectResponseTimeout(timeout);
    factory.setCloseTimeout(timeout);
    // Its advisory cache refuses live reply addresses of other connections.
    factory.setWatchTopicAdvisories(false);
    // Each message is built for one send.
    factory.setCopyMessageOnSend(false);
    factory.setTrustedPackages(List.of());
    factory.setTrustAllPackages(false);
    return factory;
  }

  @Override
  public String pattern(String neutral) {
    return Patterns.replaceRest(neutral, ">");
  }
}
