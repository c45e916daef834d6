package io.longspan.external;

import java.util.Map;

final class CommlibOverAmqpToActiveMqIT extends CommlibTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalActiveMq();
  }

  @Override
  Map<String, String> settings(ExternalBroker started) {
    return started.amqpSettings();
  }
}
