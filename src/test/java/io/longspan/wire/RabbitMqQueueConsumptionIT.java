package io.longspan.wire;

import io.longspan.external.SharedRabbitMq;

final class RabbitMqQueueConsumptionIT extends QueueConsumptionTests {
  @Override
  TestBroker startBroker() {
    return new SharedRabbitMq();
  }

  @Override
  public boolean hasQueueSelectors() {
    return false;
  }
}
