package io.longspan.wire;

import io.longspan.external.ExternalArtemis;

final class ArtemisWireIT extends WireTests {
  @Override
  TestBroker startBroker() {
    return new ExternalArtemis();
  }
}
