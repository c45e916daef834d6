package io.longspan.bridge;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The present state of one of the bridge's brokers, for operators. Each method reads the state at
 * the time of the call. Called on any thread; never blocks.
 */
public final class BrokerStatus {
  private final BridgeBroker broker;

  BrokerStatus(BridgeBroker broker) {
    this.broker = broker;
  }

  /** Returns the name in the section {@code brokers}, or {@code default}. */
  public String name() {
    return broker.label();
  }

  public boolean isDefault() {
    return broker.isDefault();
  }

  /** Returns whether there is a connection now. */
  public boolean isConnected() {
    return broker.broker().isConnected();
  }

  /** Returns the address in use; see {@link MessageBroker#address}. */
  public Optional<String> address() {
    return broker.broker().address();
  }

  /** Returns the position of that address in the configured list, from 1; 0 if none is in use. */
  public int addressPosition() {
    return broker.broker().addressPosition();
  }

  /** Returns why messages cannot be sent now; see {@link MessageBroker#trouble}. */
  public Optional<String> trouble() {
    return broker.broker().trouble();
  }

  /** Returns the trouble with the broker's name, if that is not the default one. */
  Optional<String> describedTrouble() {
    return trouble()
        .map(text -> broker.shownName().map(name -> "broker " + name + ": ").orElse("") + text);
  }

  /**
   * Returns how far the broker's clock is ahead of the bridge's, in whole seconds; 0 if the offset
   * is negligible or unknown.
   */
  public long clockOffsetSeconds() {
    return TimeUnit.MILLISECONDS.toSeconds(broker.broker().clockOffset());
  }

  /** Returns how many topics and reply destinations wait to be opened again. */
  public int reopeningCount() {
    return broker.reopenings().size();
  }
}
