package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;

final class ActiveMqQueueConsumptionIT extends QueueConsumptionTests {
  @Override
  TestBroker startBroker() {
    return new ExternalActiveMq();
  }
}
