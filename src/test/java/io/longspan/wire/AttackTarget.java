package io.longspan.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What the attacks are aimed at: a bridge and its broker. */
interface AttackTarget {
  /** Returns the bridge that all attacks share, with the users and the catalogue of its class. */
  TestBridge bridge();

  /** Returns the broker behind it. */
  TestBroker broker();

  /** Returns the keys of the configuration that all bridges have. */
  default Map<String, String> bridgeSettings() {
    return broker().settings();
  }

  /**
   * Starts another bridge on the same broker, for an attack that needs its own settings or harms
   * its bridge.
   *
   * @param keysAndValues keys of the configuration and their values
   */
  default TestBridge bridgeWith(String... keysAndValues) {
    Map<String, String> settings = new HashMap<>(bridgeSettings());
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return TestBridge.start(settings);
  }

  /** Starts another bridge on the same broker with a catalogue of its own. */
  default TestBridge bridgeWithCatalogue(String catalogue) {
    try {
      Path file = Files.createTempFile("longspan-test-", ".yaml");
      return bridgeWith("catalogue", Files.writeString(file, catalogue).toString());
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }
}
