package io.longspan.wire;

import io.longspan.external.ExternalArtemis;

final class ArtemisAttackIT extends AttackTests {
  @Override
  TestBroker startBroker() {
    return new ExternalArtemis();
  }
}
