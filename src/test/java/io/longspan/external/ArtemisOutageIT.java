package io.longspan.external;

import java.util.Map;

final class ArtemisOutageIT extends BrokerOutageTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalArtemis();
  }

  @Override
  Map<String, String> settings(ExternalBroker started) {
    return started.settings();
  }
}
