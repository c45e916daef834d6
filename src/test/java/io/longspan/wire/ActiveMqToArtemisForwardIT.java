package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;

final class ActiveMqToArtemisForwardIT extends ForwardTests {
  @Override
  ExternalBroker startOffice() {
    return new ExternalActiveMq();
  }

  @Override
  ExternalBroker startPlant() {
    return new ExternalArtemis();
  }
}
