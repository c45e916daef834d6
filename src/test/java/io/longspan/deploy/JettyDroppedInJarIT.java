package io.longspan.deploy;

import io.longspan.external.DroppedInJar;
import io.longspan.external.ExternalBroker;
import java.nio.file.Path;
import java.util.Map;

/** Jetty with a jar that {@code extraClasspath} adds to the application. */
final class JettyDroppedInJarIT extends DeployedBridgeTests {
  @Override
  Map<String, String> settings(ExternalBroker started) {
    return DroppedInJar.settings(started);
  }

  @Override
  Container deploy(Path config) {
    return new JettyHome(
        config,
        ConfigurationName.CONTEXT_PARAMETER,
        "  <Set name=\"extraClasspath\">%s/*</Set>%n".formatted(DroppedInJar.write()));
  }
}
