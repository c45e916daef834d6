package io.longspan.access;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.ReceivePolicy;
import io.longspan.protocol.DestinationName;

/**
 * The right to consume a queue, or to have durable subscriptions of a topic.
 *
 * @param name the name in the client's request
 * @param destination the JMS queue or topic
 * @param entry identifies the catalogue entry; queues of one entry share its limits
 * @param policy how it is consumed
 * @param asOf number of the last change of rights before the decision
 */
public record QueueGrant(
    DestinationName name,
    BrokerDestination destination,
    Object entry,
    ReceivePolicy policy,
    long asOf) {}
