package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;

final class ActiveMqToArtemisForwardIT extends ForwardTests {
  @Override
  TwoBrokers startBrokers() {
    return new TwoBrokers(ExternalActiveMq::new, ExternalArtemis::new);
  }
}
