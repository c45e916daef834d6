package io.longspan.wire;

import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;

final class ArtemisSeveralAddressesIT extends SeveralAddressesTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalArtemis();
  }
}
