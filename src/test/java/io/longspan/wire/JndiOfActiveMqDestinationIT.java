package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalBroker;

final class JndiOfActiveMqDestinationIT extends JndiDestinationTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalActiveMq();
  }
}
