package io.longspan.external;

import io.longspan.external.TlsBroker.Door;
import io.longspan.wire.CoreWireContract;
import jakarta.jms.ConnectionFactory;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/**
 * The core wire contract of {@code java -jar} on Artemis over TLS. In the packaged WAR, Artemis'
 * client must find the bridge's source of TLS contexts by its class loader.
 */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
final class ArtemisOverTlsIT implements CoreWireContract {
  private static final String BRIDGE_ID = "over-tls";

  private TlsBroker broker;
  private ExecutableWar bridge;

  @BeforeAll
  void start() {
    TlsFiles files = new TlsFiles();
    broker = new TlsArtemis(files);
    bridge =
        new ExecutableWar(
            BRIDGE_ID,
            Map.of(
                "broker.provider",
                "artemis",
                "broker.url",
                "tcp://localhost:" + broker.port(Door.CLIENT),
                "broker.tls.trustStore",
                files.trustPem().toString(),
                "broker.tls.keyStore",
                files.clientPem().toString()));
  }

  @AfterAll
  void stop() {
    if (bridge != null) {
      bridge.close();
    }
    if (broker != null) {
      broker.close();
    }
  }

  @Override
  public URI base() {
    return bridge.base();
  }

  @Override
  public String bridgeId() {
    return BRIDGE_ID;
  }

  @Override
  public ConnectionFactory broker() {
    return broker.connectionFactory();
  }
}
