package io.longspan.deploy;

import java.nio.file.Path;

final class Tomcat10IT extends DeployedBridgeTests {
  @Override
  Container deploy(Path config) {
    return new Tomcat("10.1", config, ConfigurationName.ENVIRONMENT);
  }
}
