package io.longspan.external;

import io.longspan.wire.TestBroker;
import java.nio.file.Path;
import java.util.List;

/**
 * Two brokers of ActiveMQ Classic with a network connector on each, as {@code docs/operations.md}
 * recommends it where all services are at the first.
 */
public final class ActiveMqNetwork implements BrokerNodes {
  private static final String READY = "^ready$";

  private final List<ActiveMqNode> nodes;

  /** Starts both and waits until they serve. */
  public ActiveMqNetwork() {
    Path folder = ActiveMqNode.newFolder("activemq-network-");
    Path refusals = new RefusedTopics(folder.resolve("refused")).file();
    int one = FreePort.find();
    int two = FreePort.find();
    List<String> ofFirst = List.of("answers=tcp://127.0.0.1:" + two);
    List<String> ofSecond = List.of("requests=tcp://127.0.0.1:" + one);
    ActiveMqNode first = new ActiveMqNode("first", one, ofFirst, refusals);
    ActiveMqNode second = new ActiveMqNode("second", two, ofSecond, refusals);
    nodes = List.of(first, second);
    restart(1);
    restart(2);
  }

  @Override
  public TestBroker node(int number) {
    ActiveMqNode own = nodes.get(number - 1);
    String urls = own.url() + "," + nodes.get(2 - number).url();
    return new BrokerNode(
        ActiveMqPair.settings("activemq", urls),
        own.connectionFactory(),
        node -> TemporaryTopics.ofActiveMq(node.connectionFactory()),
        own::close);
  }

  @Override
  public void kill(int number) {
    nodes.get(number - 1).kill();
  }

  @Override
  public void restart(int number) {
    nodes.get(number - 1).start();
    nodes.get(number - 1).await(READY);
  }

  @Override
  public void close() {
    nodes.forEach(ActiveMqNode::close);
  }
}
