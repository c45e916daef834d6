package io.longspan.pairs;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.chaos.HonestCrowd;
import io.longspan.external.ActiveMqNetwork;
import io.longspan.external.BridgeFiles;
import io.longspan.external.BrokerNodes;
import io.longspan.external.ChildProcess;
import io.longspan.external.ExecutableWar;
import io.longspan.external.FreePort;
import io.longspan.external.Readiness;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An estate that has grown ({@code docs/scaling.md}): three bridges on two brokers, behind HAProxy.
 * A bridge and a broker are taken away in turn. {@code -Dscaling.clients} says how many clients.
 */
@Timeout(2400)
final class ScaledOutIT {
  private static final int CLIENTS = Integer.getInteger("scaling.clients", 3000);
  private static final int BRIDGES = 3;
  private static final int REQUEST_PAUSE_MILLIS = 10_000;
  private static final Duration PUBLISHER_PAUSE = Duration.ofSeconds(8);
  private static final Duration PATIENCE = Duration.ofMinutes(8);

  private final List<ExecutableWar> bridges = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private BrokerNodes nodes;
  private ChildProcess proxy;
  private URI base;

  @BeforeEach
  void start() throws IOException {
    nodes = new ActiveMqNetwork();
    for (int i = 0; i < BRIDGES; i++) {
      ports.add(FreePort.find());
      bridges.add(startBridge(i));
    }
    int port = FreePort.find();
    proxy =
        ChildProcess.start(
            "haproxy",
            Path.of(""),
            Map.of("LONGSPAN_BIND", "127.0.0.1:" + port),
            List.of("/usr/sbin/haproxy", "-db", "-f", configuration().toString()));
    base = URI.create("http://127.0.0.1:" + port + "/");
    Readiness.await(base, proxy);
  }

  @AfterEach
  void stop() {
    if (proxy != null) {
      proxy.kill();
    }
    bridges.forEach(ExecutableWar::close);
    nodes.close();
  }

  private static String id(int bridge) {
    return "bridge-" + (bridge + 1);
  }

  /** The first bridge is at the first broker, the others are at the second one. */
  private ExecutableWar startBridge(int bridge) {
    Map<String, String> settings = new HashMap<>(nodes.node(bridge == 0 ? 1 : 2).settings());
    settings.put("http.port", String.valueOf(ports.get(bridge)));
    settings.put("http.trustedProxies", "127.0.0.1");
    settings.put("limits.connectionsPerAddress", String.valueOf(4 * CLIENTS));
    Path config =
        BridgeFiles.write(id(bridge), settings, StageFiles.catalogue(), StageFiles.users(CLIENTS));
    return new ExecutableWar(config, id(bridge), List.of("-Xmx1g"), Map.of());
  }

  /** Returns the configuration of {@code deploy/proxies/haproxy.cfg}, for three bridges. */
  private Path configuration() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line : Files.readAllLines(Path.of("deploy/proxies/haproxy.cfg"))) {
      if (!line.contains("bridge-1") || line.strip().startsWith("#")) {
        text.append(line.contains("bridge-2") ? "" : line).append('\n');
        continue;
      }
      for (int i = 0; i < BRIDGES; i++) {
        text.append(
                line.replaceAll("\"\\$\\{LONGSPAN_BRIDGE_1[^\"]*\"", "127.0.0.1:" + ports.get(i))
                    .replace("bridge-1", id(i)))
            .append('\n');
      }
    }
    Path folder = Files.createDirectories(Path.of("target", "bridges").toAbsolutePath());
    return Files.writeString(folder.resolve("haproxy-" + ports.get(0) + ".cfg"), text.toString());
  }

  @Test
  void clientsLiveThroughTheLossOfABridgeAndOfABroker() {
    long start = System.nanoTime();
    try (HonestCrowd crowd = crowd()) {
      await(crowd::isSettled);
      report("%d clients connected and subscribed after", CLIENTS, start);
      awaitAnswers(crowd);
      crowd.during("kill -9 of a bridge", () -> loseBridge(crowd, 1));
      awaitAnswers(crowd);
      crowd.during("kill -9 of a broker", () -> loseBroker(crowd));
      awaitAnswers(crowd);
      crowd.rest();
      report(crowd);
      assertThat(crowd.findings()).isEmpty();
      assertThat(bridges).allMatch(ExecutableWar::isAlive);
    }
  }

  private HonestCrowd crowd() {
    List<HonestCrowd.Entrance> entrances = new ArrayList<>();
    for (int i = 0; i < BRIDGES; i++) {
      URI entrance = base.resolve("cometd?bridgeId=" + id(i));
      entrances.add(new HonestCrowd.Entrance(id(i), entrance, CLIENTS / BRIDGES));
    }
    return new HonestCrowd(nodes.node(1), entrances, REQUEST_PAUSE_MILLIS, PUBLISHER_PAUSE, true);
  }

  private void loseBridge(HonestCrowd crowd, int bridge) {
    long lost = System.nanoTime();
    bridges.get(bridge).kill();
    await(() -> !crowd.isSettled());
    await(crowd::isSettled);
    report("the clients of %s were served by the others after", id(bridge), lost);
    bridges.set(bridge, startBridge(bridge));
  }

  private void loseBroker(HonestCrowd crowd) {
    long lost = System.nanoTime();
    nodes.kill(2);
    int answered = crowd.answered();
    await(() -> crowd.isSettled() && crowd.answered() > answered + CLIENTS);
    report("all clients were served after the loss of broker %d within", 2, lost);
    nodes.restart(2);
  }

  /** Waits until each client has had another answer, in the mean. */
  private static void awaitAnswers(HonestCrowd crowd) {
    int answered = crowd.answered();
    await(() -> crowd.answered() > answered + CLIENTS);
  }

  private void report(HonestCrowd crowd) {
    try {
      await(crowd::isContent);
    } catch (ConditionTimeoutException x) {
      // The findings tell more.
      crowd.note("not content: " + x.getMessage());
    }
    System.out.println(crowd.table("scaled out", Map.of("clients", CLIENTS)));
    crowd.stories().stream().limit(5).forEach(System.out::println);
  }

  private static void report(String what, Object subject, long start) {
    System.out.println(
        "pairs: ScaledOutIT: " + what.formatted(subject) + " %.1f s".formatted(since(start)));
  }

  private static double since(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(condition);
  }
}
