package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.ExternalArtemis;

final class ArtemisReopeningIT extends ReopeningTests {
  private ExternalArtemis artemis;

  @Override
  AdministeredBroker startBroker() {
    artemis = new ExternalArtemis();
    return artemis;
  }

  @Override
  void assertNothingIsLeftOf(String topic) {
    assertThat(artemis.queuesOf(topic)).isZero();
  }
}
