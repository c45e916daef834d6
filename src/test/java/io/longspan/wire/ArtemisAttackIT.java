package io.longspan.wire;

import io.longspan.external.ExternalArtemis;
import io.longspan.external.FullQueues;

final class ArtemisAttackIT extends AttackTests {
  @Override
  TestBroker startBroker() {
    return new ExternalArtemis();
  }

  @Override
  public String fullQueue() {
    return FullQueues.ARTEMIS_BLOCKING;
  }
}
