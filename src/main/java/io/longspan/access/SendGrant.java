package io.longspan.access;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.SendPolicy;

/**
 * The decision that a user may send to a destination.
 *
 * @param destination the JMS destination
 * @param policy what the catalogue entry sets on the message
 * @param entry the name of the catalogue entry, a template; empty if none decided
 */
public record SendGrant(BrokerDestination destination, SendPolicy policy, String entry) {

  /** Creates a grant of no entry. */
  public SendGrant(BrokerDestination destination, SendPolicy policy) {
    this(destination, policy, "");
  }
}
