package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;

final class AmqpToActiveMqAndAmqpToArtemisIT extends SeveralBrokersTests {
  @Override
  TwoBrokers startBrokers() {
    return new TwoBrokers(
        ExternalActiveMq::new, ExternalArtemis::new, ExternalBroker::amqpSettings);
  }
}
