package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;

final class ActiveMqWireIT extends WireTests {
  @Override
  TestBroker startBroker() {
    return new ExternalActiveMq();
  }
}
