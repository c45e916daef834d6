package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.ExternalRabbitMq;

final class RabbitMqReopeningIT extends ReopeningTests {
  private ExternalRabbitMq rabbit;

  @Override
  AdministeredBroker startBroker() {
    rabbit = new ExternalRabbitMq();
    return rabbit;
  }

  @Override
  void assertNothingIsLeftOf(String topic) {
    assertThat(rabbit.queuesOf(topic)).isEmpty();
  }
}
