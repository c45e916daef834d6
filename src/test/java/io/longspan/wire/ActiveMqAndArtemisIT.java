package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;

final class ActiveMqAndArtemisIT extends SeveralBrokersTests {
  @Override
  TwoBrokers startBrokers() {
    return new TwoBrokers(ExternalActiveMq::new, ExternalArtemis::new);
  }
}
