package io.longspan.wire;

import io.longspan.external.ExternalArtemis;

final class ArtemisReopeningIT extends ReopeningTests {
  @Override
  AdministeredBroker startBroker() {
    return new ExternalArtemis();
  }
}
