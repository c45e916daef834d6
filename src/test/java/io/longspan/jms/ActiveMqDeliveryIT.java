package io.longspan.jms;

import io.longspan.external.ExternalActiveMq;
import io.longspan.wire.TestBroker;

final class ActiveMqDeliveryIT extends DeliveryTests {
  @Override
  TestBroker startBroker() {
    return new ExternalActiveMq();
  }
}
