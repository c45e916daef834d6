package io.longspan.wire;

import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalBroker;

final class ActiveMqSeveralAddressesIT extends SeveralAddressesTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalActiveMq();
  }
}
