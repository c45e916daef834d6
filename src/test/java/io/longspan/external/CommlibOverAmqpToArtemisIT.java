package io.longspan.external;

import java.util.Map;

final class CommlibOverAmqpToArtemisIT extends CommlibTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalArtemis();
  }

  @Override
  Map<String, String> settings(ExternalBroker started) {
    return started.amqpSettings();
  }
}
