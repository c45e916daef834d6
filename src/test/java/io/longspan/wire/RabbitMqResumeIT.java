package io.longspan.wire;

import io.longspan.external.SharedRabbitMq;

final class RabbitMqResumeIT extends ResumeTests {
  @Override
  TestBroker startBroker() {
    return new SharedRabbitMq();
  }
}
