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

  /** Artemis' client keeps threads of its own for the life of the process; ours must end. */
  @Override
  String leaks() {
    return "thread named \\[longspan-";
  }

  @Override
  Container deploy(Path config) {
    return new Tomcat("11.0", config, ConfigurationName.CONTEXT_PARAMETER);
  }
}
