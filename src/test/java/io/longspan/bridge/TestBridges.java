package io.longspan.bridge;

import io.longspan.access.AccessPolicy;
import io.longspan.budget.MemoryBudget;
import io.longspan.config.ConfigLoader;
import io.longspan.signing.IdentitySigner;
import java.util.Map;
import java.util.Optional;

/** Bridges without a web server, with the default configuration. */
public final class TestBridges {
  private TestBridges() {}

  /** Creates a bridge that runs its commands on the thread that brings them. */
  public static BayeuxJMSBridge create(
      MessageBroker broker,
      AccessPolicy policy,
      Scheduler scheduler,
      Ticker ticker,
      MemoryBudget memory) {
    return new BayeuxJMSBridge(
        ConfigLoader.load(Optional.empty(), Map.of(), Map.of()),
        memory,
        broker,
        new BrokerRequests("bridge-1", broker, scheduler),
        policy,
        IdentitySigner.NONE,
        BridgeMetrics.NONE,
        Runnable::run,
        scheduler,
        ticker);
  }
}
