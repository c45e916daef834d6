package io.longspan.wire;

import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;
import java.util.Map;

final class AmqpToArtemisSeveralAddressesIT extends SeveralAddressesTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalArtemis();
  }

  @Override
  Map<String, String> settings(ExternalBroker started) {
    return started.amqpSettings();
  }
}
