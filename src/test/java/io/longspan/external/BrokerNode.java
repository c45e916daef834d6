package io.longspan.external;

import io.longspan.wire.TestBroker;
import jakarta.jms.ConnectionFactory;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * One node of a network or cluster, as a bridge beside it sees it.
 *
 * @param settings the bridge's keys: this node first, the other one second
 * @param connectionFactory a factory of services' connections to this node alone
 * @param findTemporaryTopics finds what the node keeps for temporary topics
 * @param end ends the node
 */
record BrokerNode(
    Map<String, String> settings,
    ConnectionFactory connectionFactory,
    Function<TestBroker, Set<String>> findTemporaryTopics,
    Runnable end)
    implements TestBroker {

  @Override
  public Set<String> temporaryTopics() {
    return findTemporaryTopics.apply(this);
  }

  @Override
  public void close() {
    end.run();
  }
}
