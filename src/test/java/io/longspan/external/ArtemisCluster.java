package io.longspan.external;

import io.longspan.wire.TestBroker;
import java.util.List;

/**
 * Two Artemis brokers in a cluster, as {@code docs/operations.md} recommends it. They store
 * messages, because a node without a store numbers its queues anew when it starts, and what waited
 * for the node would come into other queues.
 */
public final class ArtemisCluster implements BrokerNodes {
  private final List<ArtemisInstance> nodes;

  /** Starts both and waits until they serve. */
  public ArtemisCluster() {
    int first = FreePort.find();
    int second = FreePort.find();
    List<String> options = List.of("--message-load-balancing", "ON_DEMAND");
    nodes =
        List.of(
            new ArtemisInstance(first, second, options, ArtemisCluster::withRedistribution),
            new ArtemisInstance(second, first, options, ArtemisCluster::withRedistribution));
    nodes.forEach(ArtemisInstance::start);
    nodes.forEach(node -> node.await(ArtemisInstance.ACTIVE, 1));
  }

  private static String withRedistribution(String brokerXml) {
    String all = "<address-setting match=\"#\">";
    return brokerXml.replace(all, all + "<redistribution-delay>0</redistribution-delay>");
  }

  @Override
  public TestBroker node(int number) {
    ArtemisInstance own = nodes.get(number - 1);
    String urls = own.url("tcp") + "," + nodes.get(2 - number).url("tcp");
    return new BrokerNode(
        ActiveMqPair.settings("artemis", urls),
        own.connectionFactory(),
        TemporaryTopics::ofArtemis,
        own::close);
  }

  @Override
  public void kill(int number) {
    nodes.get(number - 1).kill();
  }

  @Override
  public void restart(int number) {
    nodes.get(number - 1).start();
    nodes.get(number - 1).await(ArtemisInstance.ACTIVE, 1);
  }

  @Override
  public void close() {
    nodes.forEach(ArtemisInstance::close);
  }
}
