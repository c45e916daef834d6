package io.longspan.external;

import jakarta.jms.ConnectionFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.stream.IntStream;
import org.apache.activemq.ActiveMQConnectionFactory;

/** ActiveMQ Classic in a process of its own. */
public final class ExternalActiveMq implements ExternalBroker {
  private final int tcp;
  private final int stomp;
  private final int amqp;
  private final int mqtt;

  private final RefusedTopics refused = new RefusedTopics(newFile());
  private volatile ChildProcess process;

  /** Starts the broker and waits until it can be used. */
  public ExternalActiveMq() {
    Matcher ports = start(0, 0, 0, 0);
    tcp = Integer.parseInt(ports.group(1));
    stomp = Integer.parseInt(ports.group(2));
    amqp = Integer.parseInt(ports.group(3));
    mqtt = Integer.parseInt(ports.group(4));
  }

  private Matcher start(int... ports) {
    List<String> command = new ArrayList<>();
    command.add(ChildProcess.java());
    command.add("-cp");
    command.add(ChildProcess.classPath());
    command.add("-D%s=%s".formatted(RefusedConsumers.FILE, refused.file()));
    command.add(ActiveMqBrokerMain.class.getName());
    IntStream.of(ports).mapToObj(Integer::toString).forEach(command::add);
    process = ChildProcess.start("activemq", Path.of(""), Map.of(), command);
    return process.await("^ready tcp=(\\d+) stomp=(\\d+) amqp=(\\d+) mqtt=(\\d+)$");
  }

  private static Path newFile() {
    try {
      Path parent = Files.createDirectories(Path.of("target", "brokers").toAbsolutePath());
      return Files.createTempFile(parent, "activemq-", ".refused");
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  @Override
  public void refuseConsumers(String topic) {
    refused.refuse(topic);
  }

  @Override
  public void allowConsumers(String topic) {
    refused.allow(topic);
  }

  @Override
  public void restart() {
    start(tcp, stomp, amqp, mqtt);
  }

  @Override
  public int port() {
    return tcp;
  }

  @Override
  public void pause() {
    process.signal("STOP");
  }

  @Override
  public void resume() {
    process.signal("CONT");
  }

  @Override
  public void kill() {
    process.kill();
  }

  @Override
  public Set<String> temporaryTopics() {
    return TemporaryTopics.ofActiveMq(connectionFactory());
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
  public int amqpPort() {
    return amqp;
  }

  @Override
  public int mqttPort() {
    return mqtt;
  }

  @Override
  public void close() {
    process.kill();
  }
}
