package io.longspan.catalogue;

import io.longspan.catalogue.CatalogueEntry.Access;
import io.longspan.catalogue.CatalogueEntry.Granted;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Consumption of a queue (protocol section 15).
 *
 * @param access who may consume the queue
 * @param ackTimeout how long a client may take to settle a message
 * @param deadLetter the queue for rejected messages; empty for the one of the broker
 * @param maxConsumers the maximum number of subscriptions to queues of the entry on one bridge
 * @param maxConsumersPerUser the same for each user
 */
public record ReceivePolicy(
    Access access,
    Duration ackTimeout,
    Optional<BrokerDestination> deadLetter,
    int maxConsumers,
    int maxConsumersPerUser) {
  /** Nobody may consume. */
  public static final ReceivePolicy NOBODY =
      new ReceivePolicy(
          new Granted(Set.of()),
          Duration.ofSeconds(60),
          Optional.empty(),
          Integer.MAX_VALUE,
          Integer.MAX_VALUE);
}
