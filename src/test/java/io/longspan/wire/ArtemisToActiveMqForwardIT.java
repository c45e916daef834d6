package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;

final class ArtemisToActiveMqForwardIT extends ForwardTests {
  @Override
  ExternalBroker startOffice() {
    return new ExternalArtemis();
  }

  @Override
  ExternalBroker startPlant() {
    return new ExternalActiveMq();
  }
}
