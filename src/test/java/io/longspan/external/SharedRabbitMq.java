package io.longspan.external;

import io.longspan.wire.TestBroker;
import jakarta.jms.ConnectionFactory;
import java.util.Map;
import java.util.Set;

/**
 * A node of RabbitMQ that all test classes of this process share, because a node starts slowly. It
 * ends with the process.
 */
public record SharedRabbitMq(ExternalRabbitMq node) implements TestBroker {
  private static final class Node {
    private static final ExternalRabbitMq ONLY = new ExternalRabbitMq();
  }

  /** Starts the node unless it runs already. */
  public SharedRabbitMq() {
    this(Node.ONLY);
  }

  @Override
  public Map<String, String> settings() {
    return node.settings();
  }

  @Override
  public ConnectionFactory connectionFactory() {
    return node.connectionFactory();
  }

  @Override
  public Set<String> temporaryTopics() {
    return node.temporaryTopics();
  }

  /** Leaves the node to other classes. */
  @Override
  public void close() {}
}
