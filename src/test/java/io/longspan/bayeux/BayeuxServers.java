package io.longspan.bayeux;

import io.longspan.budget.MemoryBudget;
import io.longspan.config.LongspanConfig;
import java.util.Optional;

/** Makes Bayeux servers without a bridge behind them. */
final class BayeuxServers {
  private BayeuxServers() {}

  static BridgeBayeuxServer of(LongspanConfig config, MemoryBudget memory) {
    return new BridgeBayeuxServer(
        config,
        null,
        Optional.empty(),
        (how, where, who, what) -> {},
        new OpenSockets(config.limits(), memory),
        memory,
        new HandshakeQueue(config.limits(), memory, () -> 0, () -> 0));
  }
}
