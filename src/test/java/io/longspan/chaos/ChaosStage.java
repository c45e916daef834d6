package io.longspan.chaos;

import io.longspan.external.BreakableBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The broker and the two bridges of a run. */
final class ChaosStage implements AutoCloseable {
  static final int USERS = 4;

  private static final int BRIDGES = 2;

  private final BreakableBroker broker;
  private final ChaosCatalogue catalogue;
  private final List<BridgeUnderChaos> bridges = new ArrayList<>();

  /** Starts all and waits until the bridges are ready. */
  ChaosStage(ChaosBroker kind) {
    Path folder = newFolder();
    catalogue = new ChaosCatalogue(folder.resolve("catalogue.yaml"));
    broker = kind.start();
    try {
      Map<String, String> settings = new HashMap<>(kind.settings(broker));
      settings.putAll(settings(folder));
      for (int i = 1; i <= BRIDGES; i++) {
        String id = "bridge-" + i;
        bridges.add(new BridgeUnderChaos(id, settings, new WallClock(folder, id)));
      }
      bridges.parallelStream().forEach(BridgeUnderChaos::start);
    } catch (RuntimeException | AssertionError x) {
      close();
      throw x;
    }
  }

  private static Path newFolder() {
    try {
      Path parent = Files.createDirectories(Path.of("target", "chaos").toAbsolutePath());
      return Files.createTempDirectory(parent, "stage-");
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Times and limits that are so small that a run gets to them. */
  private Map<String, String> settings(Path folder) {
    try {
      StringBuilder users = new StringBuilder();
      for (int i = 0; i < USERS; i++) {
        users.append(user(i)).append(": ").append(user(i)).append(",guest\n");
      }
      Map<String, String> settings = new LinkedHashMap<>();
      settings.put(
          "users", Files.writeString(folder.resolve("users.properties"), users).toString());
      settings.put("catalogue", catalogue.file().toString());
      settings.put("session.timeout", "4s");
      settings.put("session.maxInterval", "6s");
      settings.put("session.resumeWindow", "20s");
      // Messages to full queues are requests that nobody answers.
      settings.put("session.drainTimeout", "3s");
      settings.put("limits.queueMessages", "300");
      settings.put("limits.queueBytes", "512KiB");
      return settings;
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  /** Returns a user, whose password is the name. */
  static String user(int number) {
    return "user-" + number % USERS;
  }

  BreakableBroker broker() {
    return broker;
  }

  List<BridgeUnderChaos> bridges() {
    return bridges;
  }

  /** Returns the bridge that an event concerns. */
  BridgeUnderChaos bridge(ChaosPlan.Event event) {
    return bridges.get(event.target() % bridges.size());
  }

  ChaosCatalogue catalogue() {
    return catalogue;
  }

  @Override
  public void close() {
    bridges.forEach(BridgeUnderChaos::close);
    broker.close();
  }
}
