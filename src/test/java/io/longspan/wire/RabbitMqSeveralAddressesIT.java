package io.longspan.wire;

import io.longspan.external.ExternalBroker;
import io.longspan.external.ExternalRabbitMq;

final class RabbitMqSeveralAddressesIT extends SeveralAddressesTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalRabbitMq();
  }
}
