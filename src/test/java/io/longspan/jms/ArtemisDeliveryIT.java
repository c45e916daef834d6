package io.longspan.jms;

import io.longspan.external.ExternalArtemis;
import io.longspan.wire.TestBroker;

final class ArtemisDeliveryIT extends DeliveryTests {
  @Override
  TestBroker startBroker() {
    return new ExternalArtemis();
  }
}
