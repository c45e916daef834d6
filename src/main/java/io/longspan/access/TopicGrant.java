package io.longspan.access;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.protocol.DestinationName;
import java.util.Optional;

/**
 * The right to subscribe to a topic or to a pattern of topics.
 *
 * @param name name or pattern in the client's request
 * @param destination JMS topic, or pattern of JMS topics
 * @param topicNames finds the logical name of a topic that the pattern matched
 * @param policy retention of the topic, and overflow handling of its messages
 * @param scope clients may share a subscription only if their scopes are equal
 * @param asOf number of the last change of rights before the decision
 * @param heldSince since when the user has held the right without a break, in milliseconds of a
 *     monotonic clock. The user must not get messages that were retained before. {@link
 *     Long#MIN_VALUE}: as long as the bridge can know; {@link Long#MAX_VALUE}: nothing is retained,
 *     and there is no snapshot
 */
public record TopicGrant(
    DestinationName name,
    BrokerDestination destination,
    TopicNames topicNames,
    TopicPolicy policy,
    Object scope,
    long asOf,
    long heldSince) {

  /** Maps JMS names to logical names. */
  @FunctionalInterface
  public interface TopicNames {
    /**
     * Returns the logical name of a JMS topic. Empty if the grant does not cover the topic; its
     * messages must then not be delivered.
     */
    Optional<String> logicalNameOf(String jmsName);

    /**
     * Returns a reference that changes whenever answers of {@link #logicalNameOf} may change.
     * Answers may be cached while it is the same. Must be cheap.
     */
    default Object revision() {
      return this;
    }
  }

  /**
   * Returns whether this grants the same messages as another grant, regardless of when they were
   * decided.
   */
  public boolean isSameAs(TopicGrant other) {
    return name.equals(other.name)
        && destination.equals(other.destination)
        && scope.equals(other.scope);
  }
}
