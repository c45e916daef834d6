package io.longspan.wire;

import io.longspan.external.ExternalArtemis;
import io.longspan.external.OverAmqp;

class AmqpToArtemisWireIT extends WireTests {
  @Override
  TestBroker startBroker() {
    return new OverAmqp(new ExternalArtemis());
  }

  /** Artemis gives services that use its own client another message id than AMQP has sent. */
  @Override
  public boolean keepsMessageIds() {
    return false;
  }
}
