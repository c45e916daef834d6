package io.longspan.catalogue;

import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.Provider;

/**
 * What a broker allows in the catalogue entries that name it.
 *
 * @param name the broker's name; empty for the default one
 * @param rules the rules for its names
 * @param replyPrefix names that no entry can reach, whatever a client writes
 * @param provider how the bridge reaches it
 */
record EntryBroker(String name, BrokerNameRules rules, ReplyPrefix replyPrefix, Provider provider) {

  /** Returns whether it has administered destinations. */
  boolean jndi() {
    return provider == Provider.JNDI;
  }

  /** Returns whether there is a broker; else the bridge has only local destinations here. */
  boolean exists() {
    return provider != Provider.NONE;
  }

  /**
   * Requires that a logical name can also be the JMS name.
   *
   * @return the name
   * @throws IllegalArgumentException if the broker or the bridge reserves it
   */
  String requireUsable(Kind kind, String logicalName) {
    replyPrefix.requireOutside(logicalName);
    if (!logicalName.startsWith("{")
        && !rules.isSafe(kind, logicalName.replaceAll("\\{[^}]*}", "x"))) {
      throw new IllegalArgumentException(
          "'" + logicalName + "' is a name that the broker or the bridge reserves");
    }
    return logicalName;
  }

  /** Returns whether an entry may reach a destination at this broker. */
  boolean isSafe(CatalogueEntry entry, BrokerDestination destination) {
    if (entry.isJndi()) {
      return true;
    }
    if (replyPrefix.covers(destination.name())) {
      return false;
    }
    String sample =
        destination.pattern() ? rules.withoutWildcards(destination.name()) : destination.name();
    return entry.jmsNameBeginsWithVariable()
        ? rules.isSafeFromItsBeginning(destination.kind(), sample)
        : rules.isSafe(destination.kind(), sample);
  }
}
