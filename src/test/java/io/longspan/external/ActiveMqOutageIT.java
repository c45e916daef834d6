package io.longspan.external;

import java.util.Map;

final class ActiveMqOutageIT extends BrokerOutageTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalActiveMq();
  }

  @Override
  Map<String, String> settings(ExternalBroker started) {
    return started.settings();
  }
}
