package io.longspan.wire;

import io.longspan.external.SharedRabbitMq;

final class RabbitMqWireIT extends WireTests {
  @Override
  TestBroker startBroker() {
    return new SharedRabbitMq();
  }
}
