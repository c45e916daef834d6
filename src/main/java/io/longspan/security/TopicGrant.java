package io.longspan.security;

import io.longspan.protocol.BrokerDestination;
import io.longspan.protocol.DestinationName;
import java.util.Optional;

/**
 * The right to subscribe to a topic or to a pattern of topics.
 *
 * @param name what the client asked for
 * @param destination the JMS topic, or the pattern of JMS topics
 * @param topicNames finds the logical name of a real topic that a pattern matched
 * @param policy how the topic's messages are treated
 * @param scope clients may share a subscription only where their scopes are equal
 * @param asOf the number of the change of rights after which it was decided
 * @param heldSince since when the user has held the right without a break, as far as the bridge
 *     knows, in milliseconds of a clock that only goes forward; {@link Long#MIN_VALUE}: as long as
 *     the bridge knows. What is retained from before it is not this user's to read
 */
public record TopicGrant(
    DestinationName name,
    BrokerDestination destination,
    TopicNames topicNames,
    TopicPolicy policy,
    Object scope,
    long asOf,
    long heldSince) {

  /** Maps JMS names back to logical names. */
  @FunctionalInterface
  public interface TopicNames {
    /**
     * Returns the logical name of a JMS topic, or nothing where the grant does not cover it: its
     * message must then not be delivered.
     */
    Optional<String> logicalNameOf(String jmsName);

    /**
     * Returns a reference that differs after each change that {@link #logicalNameOf} may answer
     * differently after; while it is the same, an earlier answer holds. Must be cheap.
     */
    default Object revision() {
      return this;
    }
  }

  /** Returns whether this grants the same messages as another, whenever they were decided. */
  public boolean isSameAs(TopicGrant other) {
    return name.equals(other.name)
        && destination.equals(other.destination)
        && scope.equals(other.scope);
  }
}
