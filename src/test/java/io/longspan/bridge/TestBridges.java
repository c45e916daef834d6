package io.longspan.bridge;

import io.longspan.access.AccessPolicy;
import io.longspan.budget.MemoryBudget;
import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
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
    return create(Map.of(), broker, policy, BridgeMetrics.NONE, scheduler, ticker, memory);
  }

  /** Creates such a bridge with some settings. */
  static BayeuxJMSBridge create(
      Map<String, String> settings,
      MessageBroker broker,
      AccessPolicy policy,
      BridgeMetrics metrics,
      Scheduler scheduler,
      Ticker ticker,
      MemoryBudget memory) {
    LongspanConfig config = ConfigLoader.load(Optional.empty(), settings, Map.of());
    return new BayeuxJMSBridge(
        config,
        memory,
        BridgeBrokers.of(broker, Map.of(), scheduler, metrics),
        new BrokerRequests("bridge-1", config.broker().replies(), broker, scheduler),
        policy,
        IdentitySigner.NONE,
        metrics,
        Runnable::run,
        scheduler,
        ticker);
  }
}
