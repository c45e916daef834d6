package io.longspan.server;

import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Configurations for tests. */
final class Configs {

  private Configs() {}

  /** A server on a free port, with some keys set as by system properties. */
  static LongspanConfig with(Map<String, String> keys) {
    Map<String, String> properties =
        new HashMap<>(Map.of("longspan.http.port", "0", "longspan.server.warmUp", "0s"));
    keys.forEach((key, value) -> properties.put("longspan." + key, value));
    return ConfigLoader.load(Optional.empty(), properties, Map.of());
  }
}
