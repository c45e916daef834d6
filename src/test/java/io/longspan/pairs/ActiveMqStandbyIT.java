package io.longspan.pairs;

import io.longspan.external.ActiveMqPair;
import io.longspan.external.BrokerPair;
import org.junit.jupiter.api.Test;

/** The shortest of the stories of pairs, for every run of the tests. */
final class ActiveMqStandbyIT extends PairTests {
  @Override
  BrokerPair startPair() {
    return new ActiveMqPair();
  }

  @Test
  void clientsLiveThroughAKilledPrimary() {
    killOnly();
  }
}
