package io.longspan.jms;

import io.longspan.external.SharedRabbitMq;
import io.longspan.wire.TestBroker;

final class RabbitMqDeliveryIT extends DeliveryTests {
  @Override
  TestBroker startBroker() {
    return new SharedRabbitMq();
  }

  @Override
  boolean hasQueueSelectors() {
    return false;
  }
}
