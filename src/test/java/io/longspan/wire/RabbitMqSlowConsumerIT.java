package io.longspan.wire;

import io.longspan.external.SharedRabbitMq;

final class RabbitMqSlowConsumerIT extends SlowConsumerTests {
  @Override
  TestBroker startBroker() {
    return new SharedRabbitMq();
  }
}
