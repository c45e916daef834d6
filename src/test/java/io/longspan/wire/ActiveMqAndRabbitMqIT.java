package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalBroker;
import io.longspan.external.ExternalRabbitMq;

final class ActiveMqAndRabbitMqIT extends SeveralBrokersTests {
  @Override
  ExternalBroker startOffice() {
    return new ExternalActiveMq();
  }

  @Override
  ExternalBroker startPlant() {
    return new ExternalRabbitMq();
  }
}
