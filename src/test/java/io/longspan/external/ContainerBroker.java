package io.longspan.external;

import io.longspan.wire.TestBroker;
import jakarta.jms.ConnectionFactory;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.activemq.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQJMSConnectionFactory;
import org.testcontainers.activemq.ActiveMQContainer;
import org.testcontainers.activemq.ArtemisContainer;
import org.testcontainers.containers.GenericContainer;

/** A broker of the images that {@code docker-compose.yml} names; needs Docker. */
public final class ContainerBroker implements TestBroker {
  private static final String ACTIVEMQ = "apache/activemq:6.3.1";
  private static final String ARTEMIS = "apache/artemis:2.56.0-alpine";

  private final GenericContainer<?> container;
  private final Map<String, String> settings;
  private final ConnectionFactory services;
  private final Function<ContainerBroker, Set<String>> temporaryTopics;

  private ContainerBroker(
      GenericContainer<?> container,
      Map<String, String> settings,
      ConnectionFactory services,
      Function<ContainerBroker, Set<String>> temporaryTopics) {
    this.container = container;
    this.settings = settings;
    this.services = services;
    this.temporaryTopics = temporaryTopics;
  }

  /** Starts ActiveMQ Classic and waits until it can be used. */
  public static ContainerBroker activeMq() {
    ActiveMQContainer container = new ActiveMQContainer(ACTIVEMQ);
    container.start();
    String url = container.getBrokerUrl();
    ConnectionFactory services =
        new ActiveMQConnectionFactory(
            container.getUser(), container.getPassword(), url + "?jms.watchTopicAdvisories=false");
    return new ContainerBroker(
        container,
        settings("activemq", url, container.getUser(), container.getPassword()),
        services,
        broker -> TemporaryTopics.ofActiveMq(broker.connectionFactory()));
  }

  /** Starts Artemis and waits until it can be used. */
  public static ContainerBroker artemis() {
    ArtemisContainer container = new ArtemisContainer(ARTEMIS);
    container.start();
    String url = container.getBrokerUrl();
    ConnectionFactory services =
        new ActiveMQJMSConnectionFactory(url, container.getUser(), container.getPassword());
    return new ContainerBroker(
        container,
        settings("artemis", url, container.getUser(), container.getPassword()),
        services,
        TemporaryTopics::ofArtemis);
  }

  private static Map<String, String> settings(
      String provider, String url, String user, String password) {
    return Map.of(
        "broker.provider",
        provider,
        "broker.url",
        url,
        "broker.user",
        user,
        "broker.password",
        password);
  }

  @Override
  public Map<String, String> settings() {
    return settings;
  }

  @Override
  public ConnectionFactory connectionFactory() {
    return services;
  }

  @Override
  public Set<String> temporaryTopics() {
    return temporaryTopics.apply(this);
  }

  @Override
  public void close() {
    container.stop();
  }
}
