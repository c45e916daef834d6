package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.OverAmqp;

class AmqpToActiveMqWireIT extends WireTests {
  @Override
  TestBroker startBroker() {
    return new OverAmqp(new ExternalActiveMq());
  }

  /**
   * ActiveMQ's AMQP connector makes maps and streams look like object messages, and a message
   * without a body like one of no bytes.
   */
  @Override
  public boolean keepsKindsOfMessages() {
    return false;
  }
}
