package io.longspan.external;

import io.longspan.wire.CoreWireContract;
import jakarta.jms.ConnectionFactory;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;

/** The core wire contract of {@code java -jar} on a broker of its own process. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(120)
abstract class ProviderTests implements CoreWireContract {
  private static final String BRIDGE_ID = "external";

  private ExternalBroker broker;
  private ExecutableWar bridge;

  abstract ExternalBroker startBroker();

  /** Returns the keys of the configuration that name the broker. */
  abstract Map<String, String> settings(ExternalBroker started);

  /** Returns the WAR to run. */
  Path war() {
    return Distributions.war();
  }

  @BeforeAll
  void start() {
    broker = startBroker();
    bridge = new ExecutableWar(war(), BRIDGE_ID, settings(broker), List.of(), Map.of());
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
