package io.longspan.external;

import jakarta.jms.ConnectionFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.stream.IntStream;
import org.apache.activemq.ActiveMQConnectionFactory;

/** ActiveMQ Classic in a process of its own. */
public final class ExternalActiveMq implements ExternalBroker {
  private volatile ChildProcess process;
  private final int tcp;
  private final int stomp;
  private final int amqp;

  /** Starts the broker and waits until it can be used. */
  public ExternalActiveMq() {
    process = start(0, 0, 0);
    Matcher ports = ports(process);
    tcp = Integer.parseInt(ports.group(1));
    stomp = Integer.parseInt(ports.group(2));
    amqp = Integer.parseInt(ports.group(3));
  }

  private static ChildProcess start(int... ports) {
    List<String> command =
        new ArrayList<>(
            List.of(
                ChildProcess.java(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                ActiveMqBrokerMain.class.getName()));
    IntStream.of(ports).mapToObj(String::valueOf).forEach(command::add);
    return ChildProcess.start("activemq", Path.of(""), Map.of(), command);
  }

  private static Matcher ports(ChildProcess started) {
    return started.await("^ready tcp=(\\d+) stomp=(\\d+) amqp=(\\d+)$");
  }

  @Override
  public void kill() {
    process.kill();
  }

  @Override
  public void restart() {
    process = start(tcp, stomp, amqp);
    ports(process);
  }

  @Override
  public int port() {
    return tcp;
  }

  private String url() {
    return "tcp://127.0.0.1:" + tcp;
  }

  @Override
  public Map<String, String> settings() {
    return Map.of(
        "broker.provider",
        "activemq",
        "broker.url",
        url(),
        "broker.user",
        BRIDGE_USER,
        "broker.password",
        BRIDGE_PASSWORD);
  }

  @Override
  public Map<String, String> amqpSettings() {
    return Map.of(
        "broker.provider",
        "amqp",
        "broker.dialect",
        "activemq",
        "broker.url",
        "amqp://127.0.0.1:" + amqp,
        "broker.user",
        BRIDGE_USER,
        "broker.password",
        BRIDGE_PASSWORD);
  }

  @Override
  public Map<String, String> jndiSettings() {
    return Map.of(
        "broker.provider",
        "jndi",
        "broker.dialect",
        "activemq",
        "broker.jndi.connectionFactory",
        "ConnectionFactory",
        "broker.jndi.environment",
        "java.naming.factory.initial=org.apache.activemq.jndi.ActiveMQInitialContextFactory,"
            + "java.naming.provider.url="
            + url()
            + "?jms.watchTopicAdvisories=false",
        "broker.user",
        BRIDGE_USER,
        "broker.password",
        BRIDGE_PASSWORD);
  }

  @Override
  public ConnectionFactory connectionFactory() {
    return new ActiveMQConnectionFactory(
        SERVICE_USER, SERVICE_PASSWORD, url() + "?jms.watchTopicAdvisories=false");
  }

  @Override
  public int stompPort() {
    return stomp;
  }

  @Override
  public void close() {
    process.kill();
  }
}
