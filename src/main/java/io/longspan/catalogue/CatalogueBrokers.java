package io.longspan.catalogue;

import io.longspan.config.LongspanConfig.Broker;
import io.longspan.config.LongspanConfig.Dialect;
import io.longspan.config.LongspanConfig.Provider;
import java.util.LinkedHashMap;
import java.util.Map;

/** The brokers that catalogue entries can name. */
final class CatalogueBrokers {
  private final Map<String, EntryBroker> byName;

  private CatalogueBrokers(Map<String, EntryBroker> byName) {
    this.byName = byName;
  }

  /**
   * Returns the brokers of a configuration.
   *
   * @param main the default broker
   * @param further the others by name
   */
  static CatalogueBrokers of(Broker main, Map<String, Broker> further) {
    Map<String, EntryBroker> byName = new LinkedHashMap<>();
    byName.put(
        BrokerDestination.DEFAULT_BROKER, entryBroker(BrokerDestination.DEFAULT_BROKER, main));
    further.forEach((name, broker) -> byName.put(name, entryBroker(name, broker)));
    return new CatalogueBrokers(byName);
  }

  private static EntryBroker entryBroker(String name, Broker broker) {
    return new EntryBroker(
        name,
        new BrokerNameRules(broker.dialect()),
        new ReplyPrefix(broker.replies().prefix()),
        broker.provider());
  }

  /** Returns one broker without administered destinations. */
  static CatalogueBrokers only(Dialect dialect, ReplyPrefix replyPrefix) {
    String name = BrokerDestination.DEFAULT_BROKER;
    return new CatalogueBrokers(
        Map.of(
            name,
            new EntryBroker(name, new BrokerNameRules(dialect), replyPrefix, Provider.ARTEMIS)));
  }

  EntryBroker main() {
    return get(BrokerDestination.DEFAULT_BROKER);
  }

  /**
   * Returns the broker that an entry names.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  EntryBroker named(String name) {
    EntryBroker broker = byName.get(name);
    if (broker == null || name.isEmpty()) {
      throw new IllegalArgumentException(
          "'"
              + name
              + "' is not a broker of the section brokers; leave it out for the default one");
    }
    return broker;
  }

  /** Returns the broker of an entry that this set has accepted. */
  EntryBroker get(String name) {
    EntryBroker broker = byName.get(name);
    if (broker == null) {
      throw new IllegalStateException(name);
    }
    return broker;
  }
}
