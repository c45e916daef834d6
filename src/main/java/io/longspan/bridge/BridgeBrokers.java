package io.longspan.bridge;

import io.longspan.catalogue.BrokerDestination;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The brokers of a bridge, by name. Immutable. */
public final class BridgeBrokers {
  private final Map<String, BridgeBroker> byName;

  private BridgeBrokers(Map<String, BridgeBroker> byName) {
    this.byName = byName;
  }

  /**
   * Creates the brokers of a bridge.
   *
   * @param main the default broker
   * @param further the others by name, in the order in which they are shown
   */
  public static BridgeBrokers of(
      MessageBroker main,
      Map<String, ? extends MessageBroker> further,
      Scheduler scheduler,
      BridgeMetrics metrics) {
    Map<String, BridgeBroker> byName = new LinkedHashMap<>();
    Map<String, MessageBroker> all = new LinkedHashMap<>();
    all.put(BrokerDestination.DEFAULT_BROKER, main);
    all.putAll(further);
    all.forEach(
        (name, broker) ->
            byName.put(name, new BridgeBroker(name, broker, new Reopenings(scheduler, metrics))));
    return new BridgeBrokers(Collections.unmodifiableMap(byName));
  }

  /** Creates the brokers of a bridge that has only the default one. */
  static BridgeBrokers only(MessageBroker main, Reopenings reopenings) {
    String name = BrokerDestination.DEFAULT_BROKER;
    return new BridgeBrokers(Map.of(name, new BridgeBroker(name, main, reopenings)));
  }

  BridgeBroker main() {
    return get(BrokerDestination.DEFAULT_BROKER);
  }

  /** Returns the broker that has a destination. */
  BridgeBroker of(BrokerDestination destination) {
    return get(destination.broker());
  }

  /**
   * Returns a broker.
   *
   * @throws IllegalStateException if there is none of this name: the catalogue allows no such name
   */
  BridgeBroker get(String name) {
    return Optional.ofNullable(byName.get(name)).orElseThrow(() -> new IllegalStateException(name));
  }

  /** Returns all brokers, the default one first. */
  Collection<BridgeBroker> all() {
    return byName.values();
  }

  /** Makes something for each broker; returns it by the broker's name, in the same order. */
  <T> Map<String, T> each(Function<BridgeBroker, T> make) {
    Map<String, T> made = new LinkedHashMap<>();
    all().forEach(broker -> made.put(broker.name(), make.apply(broker)));
    return Collections.unmodifiableMap(made);
  }
}
