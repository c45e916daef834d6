package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;

class ActiveMqWireIT extends WireTests {
  @Override
  TestBroker startBroker() {
    return new ExternalActiveMq();
  }
}
