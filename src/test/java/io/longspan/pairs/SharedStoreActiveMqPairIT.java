package io.longspan.pairs;

import io.longspan.external.ActiveMqPair;
import io.longspan.external.BrokerPair;
import org.junit.jupiter.api.Test;

final class SharedStoreActiveMqPairIT extends PairTests {
  @Override
  BrokerPair startPair() {
    return new ActiveMqPair();
  }

  @Test
  void clientsLiveThroughAKilledPrimaryAndItsReturn() {
    killAndBack();
  }

  @Test
  void clientsLiveThroughAPlannedFailOverAndBack() {
    stopAndBack();
  }
}
