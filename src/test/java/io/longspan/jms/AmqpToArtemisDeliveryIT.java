package io.longspan.jms;

import io.longspan.external.ExternalArtemis;
import io.longspan.external.OverAmqp;
import io.longspan.wire.TestBroker;

final class AmqpToArtemisDeliveryIT extends DeliveryTests {
  @Override
  TestBroker startBroker() {
    return new OverAmqp(new ExternalArtemis());
  }
}
