package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;

final class ArtemisAndActiveMqIT extends SeveralBrokersTests {
  @Override
  TwoBrokers startBrokers() {
    return new TwoBrokers(ExternalArtemis::new, ExternalActiveMq::new);
  }
}
