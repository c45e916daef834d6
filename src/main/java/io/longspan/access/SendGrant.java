package io.longspan.access;

import io.longspan.catalogue.SendPolicy;
import io.longspan.protocol.BrokerDestination;

/**
 * The decision that a user may send to a destination.
 *
 * @param destination the JMS destination
 * @param policy what the catalogue entry sets on the message
 */
public record SendGrant(BrokerDestination destination, SendPolicy policy) {}
