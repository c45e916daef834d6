package io.longspan.wire;

import io.longspan.external.TlsActiveMq;
import io.longspan.external.TlsBroker;
import io.longspan.external.TlsBroker.Door;
import io.longspan.external.TlsFiles;
import java.util.Map;

final class ActiveMqTlsIT extends BrokerTlsTests {
  @Override
  TlsBroker startBroker(TlsFiles certificates) {
    return new TlsActiveMq(certificates);
  }

  @Override
  Map<String, String> settings(TlsBroker started, Door door) {
    return Map.of(
        "broker.provider", "activemq", "broker.url", "ssl://localhost:" + started.port(door));
  }
}
