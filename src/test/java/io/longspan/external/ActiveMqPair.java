package io.longspan.external;

import jakarta.jms.ConnectionFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * ActiveMQ Classic twice over one KahaDB: the process that has the lock of the store serves. The
 * roles change with each fail-over.
 */
public final class ActiveMqPair implements BrokerPair {
  private static final String READY = "^ready$";

  /** The process gets the store as soon as nobody else has it. */
  private static final String IN_RESERVE = "^asks for its store$";

  private final RefusedTopics refused;
  private final List<ActiveMqNode> nodes;

  /** The index of the node that serves or is about to. */
  private volatile int active;

  /** Starts both and waits until one serves and the other one waits for the store. */
  public ActiveMqPair() {
    Path folder = ActiveMqNode.newFolder("activemq-pair-");
    refused = new RefusedTopics(folder.resolve("refused"));
    List<String> store = List.of("store=" + folder.resolve("kahadb"));
    nodes =
        List.of(
            new ActiveMqNode("first", FreePort.find(), store, refused.file()),
            new ActiveMqNode("second", FreePort.find(), store, refused.file()));
    restart();
  }

  @Override
  public void restart() {
    active = 0;
    nodes.get(0).start();
    nodes.get(0).await(READY);
    nodes.get(1).start();
    nodes.get(1).await(IN_RESERVE);
  }

  @Override
  public void kill() {
    nodes.forEach(ActiveMqNode::kill);
  }

  @Override
  public void killServing() {
    ActiveMqNode ended = nodes.get(active);
    active = 1 - active;
    ended.kill();
  }

  @Override
  public void stopServing() {
    ActiveMqNode ended = nodes.get(active);
    active = 1 - active;
    ended.stop();
  }

  @Override
  public void awaitTakeover() {
    nodes.get(active).await(READY);
  }

  @Override
  public void repair() {
    nodes.get(1 - active).start();
    nodes.get(1 - active).await(IN_RESERVE);
  }

  @Override
  public boolean failsBack() {
    return false;
  }

  @Override
  public int serving() {
    return active + 1;
  }

  @Override
  public Set<String> temporaryTopics() {
    return TemporaryTopics.ofActiveMq(connectionFactory());
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
  public Map<String, String> settings() {
    return settings("activemq", nodes.get(0).url() + "," + nodes.get(1).url());
  }

  @Override
  public Map<String, String> amqpSettings() {
    Map<String, String> settings =
        new HashMap<>(settings("amqp", nodes.get(0).amqpUrl() + "," + nodes.get(1).amqpUrl()));
    settings.put("broker.dialect", "activemq");
    return settings;
  }

  static Map<String, String> settings(String provider, String urls) {
    return Map.of(
        "broker.provider",
        provider,
        "broker.urls",
        urls,
        "broker.user",
        ExternalBroker.BRIDGE_USER,
        "broker.password",
        ExternalBroker.BRIDGE_PASSWORD);
  }

  @Override
  public ConnectionFactory connectionFactory() {
    return new FirstReachable(nodes.stream().map(ActiveMqNode::connectionFactory).toList());
  }

  @Override
  public void close() {
    nodes.forEach(ActiveMqNode::close);
  }
}
