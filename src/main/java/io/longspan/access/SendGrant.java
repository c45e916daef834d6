package io.longspan.access;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.SendPolicy;

/**
 * The decision that a user may send to a destination.
 *
 * @param destination the JMS destination
 * @param policy what the catalogue entry sets on the message
 */
public record SendGrant(BrokerDestination destination, SendPolicy policy) {}
