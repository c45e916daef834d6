package io.longspan.pairs;

import io.longspan.chaos.HonestCrowd;
import io.longspan.wire.TestBridge;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Starts bridges whose catalogue and users are those of a crowd and of witnesses. */
final class StageFiles {
  static final int CROWD = 12;

  private StageFiles() {}

  /**
   * Starts a bridge in this process and waits until it is ready.
   *
   * @param broker the keys that name its broker
   */
  static TestBridge start(String id, Map<String, String> broker) {
    try {
      Path parent = Files.createDirectories(Path.of("target", "bridges").toAbsolutePath());
      Path folder = Files.createTempDirectory(parent, id + "-");
      Map<String, String> settings = new HashMap<>(broker);
      settings.put("bridge.id", id);
      settings.put("users", write(folder.resolve("users.properties"), users(CROWD)));
      settings.put("catalogue", write(folder.resolve("catalogue.yaml"), catalogue()));
      return TestBridge.start(settings);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Returns the users of a crowd, and two others, in the form of a users file. */
  static String users(int crowd) {
    StringBuilder users = new StringBuilder("alice: alice\nbob: bob\n");
    for (int i = 0; i < crowd; i++) {
      String user = HonestCrowd.user(i);
      users.append(user).append(": ").append(user).append('\n');
    }
    return users.toString();
  }

  static String catalogue() {
    return HonestCrowd.catalogue()
        + """
          - {name: "services/{service}", kind: queue, send: ["*"]}
          - {name: "chat/{room}", kind: topic, send: ["*"], subscribe: ["*"]}
        """;
  }

  private static String write(Path file, String text) throws IOException {
    return Files.writeString(file, text).toString();
  }
}
