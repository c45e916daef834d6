package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.OverAmqp;

final class AmqpToActiveMqQueueConsumptionIT extends QueueConsumptionTests {
  @Override
  TestBroker startBroker() {
    return new OverAmqp(new ExternalActiveMq());
  }
}
