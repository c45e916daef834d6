package io.longspan.wire;

import io.longspan.external.ExternalArtemis;
import io.longspan.external.OverAmqp;

final class AmqpToArtemisQueueConsumptionIT extends QueueConsumptionTests {
  @Override
  TestBroker startBroker() {
    return new OverAmqp(new ExternalArtemis());
  }
}
