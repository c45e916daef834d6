package io.longspan.deliveries;

import io.longspan.catalogue.BrokerDestination;
import java.util.Optional;

/**
 * What a consumer receives.
 *
 * @param user the user in whose turn the consumer is opened
 * @param destination a queue
 * @param selector a JMS selector that the broker's port has accepted, if any
 * @param prefetch the maximum number of messages that are not settled, at least 1
 */
public record DeliverySource(
    String user, BrokerDestination destination, Optional<String> selector, int prefetch) {}
