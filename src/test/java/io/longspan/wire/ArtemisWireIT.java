package io.longspan.wire;

import io.longspan.external.ExternalArtemis;

class ArtemisWireIT extends WireTests {
  @Override
  TestBroker startBroker() {
    return new ExternalArtemis();
  }
}
