package io.longspan.bridge;

import io.longspan.catalogue.BrokerDestination;
import java.util.Optional;

/**
 * One of the bridge's brokers.
 *
 * @param name its name; {@link BrokerDestination#DEFAULT_BROKER} for the default one
 * @param broker the connection
 * @param reopenings opens again what was lost with the connection
 */
record BridgeBroker(String name, MessageBroker broker, Reopenings reopenings) {
  boolean isDefault() {
    return name.equals(BrokerDestination.DEFAULT_BROKER);
  }

  /** Returns whether this stands for services and topics inside the process. */
  boolean isLocal() {
    return name.equals(BrokerDestination.LOCAL_BROKER);
  }

  /** Returns the name as clients see it; empty for the default broker (protocol section 13). */
  Optional<String> shownName() {
    return isDefault() ? Optional.empty() : Optional.of(name);
  }

  /** Returns a name for logs and metrics. */
  String label() {
    return isDefault() ? "default" : name;
  }
}
