package io.longspan.wire;

import io.longspan.external.TlsArtemis;
import io.longspan.external.TlsBroker;
import io.longspan.external.TlsBroker.Door;
import io.longspan.external.TlsFiles;
import java.util.Map;

final class ArtemisTlsIT extends BrokerTlsTests {
  @Override
  TlsBroker startBroker(TlsFiles certificates) {
    return new TlsArtemis(certificates);
  }

  @Override
  Map<String, String> settings(TlsBroker started, Door door) {
    return Map.of(
        "broker.provider", "artemis", "broker.url", "tcp://localhost:" + started.port(door));
  }
}
