package io.longspan.external;

import java.util.Map;

final class RabbitMqOutageIT extends BrokerOutageTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalRabbitMq();
  }

  @Override
  Map<String, String> settings(ExternalBroker started) {
    return started.settings();
  }
}
