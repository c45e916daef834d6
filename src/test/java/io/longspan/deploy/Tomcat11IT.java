package io.longspan.deploy;

import io.longspan.external.ExternalArtemis;
import io.longspan.external.ExternalBroker;
import java.nio.file.Path;

/** On Artemis, for a change. */
final class Tomcat11IT extends DeployedBridgeTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalArtemis();
  }

  @Override
  Container deploy(Path config) {
    return new Tomcat("11.0", config, ConfigurationName.CONTEXT_PARAMETER);
  }
}
