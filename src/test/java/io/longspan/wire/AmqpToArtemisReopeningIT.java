package io.longspan.wire;

import io.longspan.external.ExternalArtemis;
import java.util.Map;

final class AmqpToArtemisReopeningIT extends ReopeningTests {
  @Override
  AdministeredBroker startBroker() {
    return new ExternalArtemis();
  }

  @Override
  Map<String, String> settings(AdministeredBroker started) {
    return started.amqpSettings();
  }
}
