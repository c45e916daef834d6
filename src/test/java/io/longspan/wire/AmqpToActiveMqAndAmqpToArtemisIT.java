package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;
import java.util.Map;

final class AmqpToActiveMqAndAmqpToArtemisIT extends SeveralBrokersTests {
  @Override
  ExternalBroker startOffice() {
    return new ExternalActiveMq();
  }

  @Override
  ExternalBroker startPlant() {
    return new ExternalArtemis();
  }

  @Override
  Map<String, String> settingsOf(ExternalBroker broker) {
    return broker.amqpSettings();
  }
}
