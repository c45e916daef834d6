package io.longspan.deliveries;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.DurableSubscription;
import java.util.Optional;

/**
 * What a consumer receives.
 *
 * @param user the user in whose turn the consumer is opened
 * @param destination a queue, or the topic of a durable subscription
 * @param selector a JMS selector that the broker's port has accepted, if any
 * @param prefetch the maximum number of messages that are not settled, at least 1
 * @param durable the name of the durable subscription at the broker; empty for a queue
 */
public record DeliverySource(
    String user,
    BrokerDestination destination,
    Optional<String> selector,
    int prefetch,
    Optional<String> durable) {

  /** Describes a consumer of a queue. */
  public DeliverySource(
      String user, BrokerDestination destination, Optional<String> selector, int prefetch) {
    this(user, destination, selector, prefetch, Optional.empty());
  }

  /**
   * Describes the consumer of a durable subscription. It holds one message, because only so the
   * messages keep their order if one is delivered again.
   */
  public static DeliverySource of(
      String user, DurableSubscription subscription, Optional<String> selector) {
    return new DeliverySource(
        user, subscription.topic(), selector, 1, Optional.of(subscription.name()));
  }
}
