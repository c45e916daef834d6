package io.longspan.deploy;

import java.nio.file.Path;

final class JettyIT extends DeployedBridgeTests {
  @Override
  Container deploy(Path config) {
    return new JettyHome(config, ConfigurationName.SYSTEM_PROPERTY);
  }
}
