package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;

final class ArtemisToActiveMqForwardIT extends ForwardTests {
  @Override
  TwoBrokers startBrokers() {
    return new TwoBrokers(ExternalArtemis::new, ExternalActiveMq::new);
  }
}
