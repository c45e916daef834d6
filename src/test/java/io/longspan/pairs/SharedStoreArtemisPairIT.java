package io.longspan.pairs;

import io.longspan.external.ArtemisPair;
import io.longspan.external.BrokerPair;
import org.junit.jupiter.api.Test;

final class SharedStoreArtemisPairIT extends PairTests {
  @Override
  BrokerPair startPair() {
    return ArtemisPair.sharedStore();
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
