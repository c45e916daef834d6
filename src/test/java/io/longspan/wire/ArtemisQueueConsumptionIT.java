package io.longspan.wire;

import io.longspan.external.ExternalArtemis;

final class ArtemisQueueConsumptionIT extends QueueConsumptionTests {
  @Override
  TestBroker startBroker() {
    return new ExternalArtemis();
  }
}
