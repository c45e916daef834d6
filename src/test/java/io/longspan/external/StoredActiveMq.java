package io.longspan.external;

import jakarta.jms.ConnectionFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** ActiveMQ Classic in a process of its own, with a KahaDB that it finds again after an end. */
public final class StoredActiveMq implements BreakableBroker {
  private final RefusedTopics refused;
  private final ActiveMqNode node;

  /** Starts it and waits until it can be used. */
  public StoredActiveMq() {
    Path folder = ActiveMqNode.newFolder("activemq-stored-");
    refused = new RefusedTopics(folder.resolve("refused"));
    node =
        new ActiveMqNode(
            "stored",
            FreePort.find(),
            List.of("store=" + folder.resolve("kahadb")),
            refused.file());
    restart();
  }

  @Override
  public void restart() {
    node.start();
    node.await("^ready$");
  }

  @Override
  public void kill() {
    node.kill();
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
    return ActiveMqPair.settings("activemq", node.url());
  }

  @Override
  public Map<String, String> amqpSettings() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ConnectionFactory connectionFactory() {
    return node.connectionFactory();
  }

  @Override
  public void close() {
    node.close();
  }
}
