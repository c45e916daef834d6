package io.longspan.wire;

import java.util.Map;

final class AmqpToActiveMqReopeningIT extends ReopeningTests {
  @Override
  AdministeredBroker startBroker() {
    return new ActiveMqTestBroker();
  }

  @Override
  Map<String, String> settings(AdministeredBroker started) {
    return started.amqpSettings();
  }
}
