package io.longspan.external;

import java.nio.file.Path;
import java.util.Map;

/** {@code java -jar} with a jar in the folder {@code lib} beside the WAR. */
final class DroppedInJarIT extends ProviderTests {
  @Override
  ExternalBroker startBroker() {
    return new ExternalActiveMq();
  }

  @Override
  Map<String, String> settings(ExternalBroker started) {
    return DroppedInJar.settings(started);
  }

  @Override
  Path war() {
    return DroppedInJar.warBeside(DroppedInJar.write());
  }
}
