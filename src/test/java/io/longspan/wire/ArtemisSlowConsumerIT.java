package io.longspan.wire;

import io.longspan.external.ExternalArtemis;

final class ArtemisSlowConsumerIT extends SlowConsumerTests {
  @Override
  TestBroker startBroker() {
    return new ExternalArtemis();
  }
}
