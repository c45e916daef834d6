package io.longspan.wire;

import io.longspan.external.SharedRabbitMq;

final class RabbitMqTopicStateIT extends TopicStateTests {
  @Override
  TestBroker startBroker() {
    return new SharedRabbitMq();
  }
}
