package io.longspan.wire;

import io.longspan.external.SharedRabbitMq;

class RabbitMqWireIT extends WireTests {
  @Override
  TestBroker startBroker() {
    return new SharedRabbitMq();
  }
}
