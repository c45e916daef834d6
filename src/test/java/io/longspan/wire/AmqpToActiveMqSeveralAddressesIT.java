package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalBroker;
import java.util.Map;

final class AmqpToActiveMqSeveralAddressesIT extends SeveralAddressesTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalActiveMq();
  }

  @Override
  Map<String, String> settings(ExternalBroker started) {
    return started.amqpSettings();
  }
}
