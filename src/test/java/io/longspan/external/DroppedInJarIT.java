package io.longspan.external;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
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
    try {
      return Files.copy(Distributions.war(), DroppedInJar.write().resolveSibling("longspan.war"));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }
}
