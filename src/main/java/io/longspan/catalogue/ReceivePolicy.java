package io.longspan.catalogue;

import io.longspan.catalogue.CatalogueEntry.Access;
import io.longspan.catalogue.CatalogueEntry.Granted;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Consumption of a queue, or of durable subscriptions (protocol sections 15 and 16).
 *
 * @param access who may consume the queue; nobody if it is a topic
 * @param ackTimeout how long a client may take to settle a message
 * @param deadLetter the queue for rejected messages; empty for the one of the broker
 * @param maxConsumers the maximum number of subscriptions to queues of the entry on one bridge
 * @param maxConsumersPerUser the same for each user
 * @param durable whether who may subscribe to the topic may have durable subscriptions
 */
public record ReceivePolicy(
    Access access,
    Duration ackTimeout,
    Optional<BrokerDestination> deadLetter,
    int maxConsumers,
    int maxConsumersPerUser,
    boolean durable) {
  /** Nobody may consume. */
  public static final ReceivePolicy NOBODY =
      new ReceivePolicy(
          new Granted(Set.of()),
          Duration.ofSeconds(60),
          Optional.empty(),
          Integer.MAX_VALUE,
          Integer.MAX_VALUE);

  /** Creates the policy of a queue. */
  public ReceivePolicy(
      Access access,
      Duration ackTimeout,
      Optional<BrokerDestination> deadLetter,
      int maxConsumers,
      int maxConsumersPerUser) {
    this(access, ackTimeout, deadLetter, maxConsumers, maxConsumersPerUser, false);
  }

  /** Returns the policy of a topic with durable subscriptions. */
  public static ReceivePolicy durable(Duration ackTimeout) {
    return new ReceivePolicy(
        NOBODY.access(), ackTimeout, Optional.empty(), Integer.MAX_VALUE, Integer.MAX_VALUE, true);
  }
}
