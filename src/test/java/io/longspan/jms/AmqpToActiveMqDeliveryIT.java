package io.longspan.jms;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.OverAmqp;
import io.longspan.wire.TestBroker;

final class AmqpToActiveMqDeliveryIT extends DeliveryTests {
  @Override
  TestBroker startBroker() {
    return new OverAmqp(new ExternalActiveMq());
  }

  @Override
  boolean countsReleases() {
    return false;
  }
}
