package io.longspan.external;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.wire.TestBridge;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a bridge is given: a folder with its configuration, its catalogue and its users. */
public final class BridgeFiles {
  private BridgeFiles() {}

  /**
   * Writes a new folder under {@code target}.
   *
   * @param bridgeId the bridge's id
   * @param settings further keys of the configuration
   * @return the configuration file
   */
  public static Path write(String bridgeId, Map<String, String> settings) {
    return write(bridgeId, settings, TestBridge.catalogue(settings), TestBridge.USERS);
  }

  /**
   * Writes a new folder under {@code target}.
   *
   * @param bridgeId the bridge's id
   * @param settings further keys of the configuration
   * @param catalogue the text of its catalogue
   * @param users the text of its users
   * @return the configuration file
   */
  public static Path write(
      String bridgeId, Map<String, String> settings, String catalogue, String users) {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("bridge.id", bridgeId);
    keys.put("http.port", "0");
    keys.put("server.warmUp", "0s");
    keys.put("catalogue", "catalogue.yaml");
    keys.put("users", "users.properties");
    keys.putAll(settings);
    try {
      Path parent = Files.createDirectories(Path.of("target", "bridges").toAbsolutePath());
      Path folder = Files.createTempDirectory(parent, bridgeId + "-");
      Files.writeString(folder.resolve("catalogue.yaml"), catalogue);
      Files.writeString(folder.resolve("users.properties"), users);
      // JSON is YAML too.
      return Files.writeString(
          folder.resolve("longspan.yaml"), new ObjectMapper().writeValueAsString(keys));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }
}
