package io.longspan.wire;

import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;

final class JndiOfArtemisDestinationIT extends JndiDestinationTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalArtemis();
  }
}
