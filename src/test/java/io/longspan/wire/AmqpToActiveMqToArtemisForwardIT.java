package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;

final class AmqpToActiveMqToArtemisForwardIT extends ForwardTests {
  @Override
  TwoBrokers startBrokers() {
    return new TwoBrokers(
        ExternalActiveMq::new, ExternalArtemis::new, ExternalBroker::amqpSettings);
  }

  /** ActiveMQ Classic gives them to an AMQP client as serialised objects, which are not read. */
  @Override
  boolean keepsKindsOfMessages() {
    return false;
  }
}
