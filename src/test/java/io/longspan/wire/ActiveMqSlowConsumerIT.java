package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;

final class ActiveMqSlowConsumerIT extends SlowConsumerTests {
  @Override
  TestBroker startBroker() {
    return new ExternalActiveMq();
  }
}
