package io.longspan.chaos;

import io.longspan.external.BreakableBroker;
import io.longspan.external.LinkProxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Two bridges on a {@link StoredBroker}, and what breaks: the broker is killed and started on the
 * same store, bridges and links end. Methods block.
 */
final class DeliveryStage implements AutoCloseable {
  static final Duration ACK_TIMEOUT = Duration.ofSeconds(6);

  private static final int DOORS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(180);

  private final BreakableBroker broker;
  private final List<BridgeUnderChaos> bridges = new ArrayList<>();
  private final Disturbances disturbances = Disturbances.none();

  /** Starts the bridges, whose users are those of {@link ChaosStage#user}. */
  DeliveryStage(BreakableBroker broker, String catalogue) throws IOException {
    this.broker = broker;
    Path parent = Files.createDirectories(Path.of("target", "chaos").toAbsolutePath());
    Path folder = Files.createTempDirectory(parent, "deliveries-");
    StringBuilder users = new StringBuilder();
    for (int i = 0; i < ChaosStage.USERS; i++) {
      users.append(ChaosStage.user(i)).append(": ").append(ChaosStage.user(i)).append(",guest\n");
    }
    Map<String, String> settings = new HashMap<>(broker.settings());
    settings.put("users", Files.writeString(folder.resolve("users.properties"), users).toString());
    settings.put(
        "catalogue", Files.writeString(folder.resolve("catalogue.yaml"), catalogue).toString());
    settings.put("session.timeout", "4s");
    settings.put("session.maxInterval", "5s");
    settings.put("session.resumeWindow", "5s");
    settings.put("session.drainTimeout", "1s");
    for (int i = 1; i <= 2; i++) {
      String id = "bridge-" + i;
      bridges.add(new BridgeUnderChaos(id, settings, new WallClock(folder, id)));
    }
    bridges.forEach(BridgeUnderChaos::start);
  }

  Disturbances disturbances() {
    return disturbances;
  }

  /** Returns a client's ways to both bridges. */
  List<Doorway> doorways(int client) {
    int door = client % DOORS;
    int first = client / 2 % 2;
    return List.of(bridges.get(first).doorway(door), bridges.get(1 - first).doorway(door));
  }

  /** Breaks something every now and then for so long. */
  void breakThings(Duration length, Random random) throws InterruptedException {
    long end = disturbances.clock().now() + RunClock.nanos(length);
    while (disturbances.clock().now() < end) {
      pause(random, 2500);
      breakSomething(random, bridges.get(random.nextInt(bridges.size())));
    }
  }

  private void breakSomething(Random random, BridgeUnderChaos bridge) throws InterruptedException {
    String id = bridge.id();
    switch (random.nextInt(10)) {
      case 0, 1, 2 -> {
        Outages.Outage outage = disturbances.begin(Outages.EVERYWHERE, "the broker is killed");
        broker.kill();
        pause(random, 3000);
        broker.restart();
        disturbances.end(outage);
      }
      case 3 -> {
        Outages.Outage outage = disturbances.begin(id, id + " is killed");
        bridge.kill();
        pause(random, 2000);
        bridge.start();
        disturbances.end(outage);
      }
      case 4 -> {
        Outages.Outage outage = disturbances.begin(id, id + " is stopped");
        bridge.stop();
        bridge.start();
        disturbances.end(outage);
      }
      case 5, 6 -> {
        Outages.Outage outage = disturbances.begin(id, id + " loses its broker");
        bridge.brokerLink().block();
        pause(random, 2000);
        bridge.brokerLink().heal();
        disturbances.end(outage);
      }
      case 7 -> freeze(random, bridge);
      default -> {
        disturbances.events().add("a door of " + id + " is cut");
        bridge.door(random.nextInt(DOORS)).cut();
      }
    }
  }

  private void freeze(Random random, BridgeUnderChaos bridge) throws InterruptedException {
    LinkProxy door = bridge.door(random.nextInt(DOORS));
    disturbances.events().add("a door of " + bridge.id() + " is frozen");
    Outages.Outage freeze = disturbances.freezes().begin(bridge.id(), disturbances.clock().now());
    door.freeze();
    pause(random, 9000);
    door.heal();
    disturbances.freezes().end(freeze, disturbances.clock().now());
  }

  private static void pause(Random random, int maxMillis) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(200 + random.nextInt(maxMillis));
  }

  /** Waits for as long as it makes sense; what is wrong then, the audit tells. */
  static void await(BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  /** Ends the bridges in good order. */
  void stopBridges() {
    bridges.forEach(BridgeUnderChaos::stop);
  }

  @Override
  public void close() {
    bridges.forEach(BridgeUnderChaos::close);
  }
}
