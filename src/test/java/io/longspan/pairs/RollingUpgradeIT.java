package io.longspan.pairs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.external.BridgeFiles;
import io.longspan.external.ExecutableWar;
import io.longspan.external.ExternalActiveMq;
import io.longspan.external.ExternalBroker;
import io.longspan.external.FreePort;
import io.longspan.external.ProxyRecipe;
import io.longspan.external.RunningProxy;
import io.longspan.external.WebCrowd;
import io.longspan.tls.TestAuthority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The upgrade of {@code docs/upgrading.md}: two bridges behind a proxy, under traffic; each is
 * drained and replaced by another process. {@code -Dupgrade.clients} says how many clients.
 */
@Timeout(7200)
final class RollingUpgradeIT {
  private static final int CLIENTS = Integer.getInteger("upgrade.clients", 500);
  private static final int REQUEST_PAUSE_MILLIS = 5000;
  private static final int PUBLISH_PAUSE_MILLIS = 1000;
  private static final int REQUEST_TIMEOUT_MILLIS = 60_000;

  /** Ends only what hangs. */
  private static final Duration PATIENCE = Duration.ofMinutes(30);

  private static final List<String> BRIDGES = List.of("bridge-1", "bridge-2");

  private final HttpClient http = HttpClient.newHttpClient();
  private final TestAuthority authority = new TestAuthority("CA of the proxy");
  private final List<Path> configurations = new ArrayList<>();
  private final List<ExecutableWar> bridges = new ArrayList<>();
  private ExternalBroker broker;

  @BeforeEach
  void start() {
    broker = new ExternalActiveMq();
    for (String id : BRIDGES) {
      Map<String, String> settings = new HashMap<>(broker.settings());
      settings.put("http.port", String.valueOf(FreePort.find()));
      settings.put("http.trustedProxies", "127.0.0.1");
      settings.put("limits.connectionsPerAddress", String.valueOf(4 * CLIENTS));
      configurations.add(
          BridgeFiles.write(
              id,
              settings,
              "destinations:\n" + WebCrowd.entries(),
              "root: root,sysadmin\n" + WebCrowd.users(CLIENTS)));
      bridges.add(startBridge(bridges.size()));
    }
  }

  @AfterEach
  void stop() {
    bridges.forEach(ExecutableWar::kill);
    broker.close();
  }

  private ExecutableWar startBridge(int bridge) {
    return new ExecutableWar(
        configurations.get(bridge), BRIDGES.get(bridge), List.of("-Xmx512m"), Map.of());
  }

  @ParameterizedTest
  @EnumSource(names = {"HAPROXY", "NGINX"})
  void eachBridgeIsReplacedAndNoApplicationIsTold(ProxyRecipe recipe) {
    List<String> addresses = bridges.stream().map(b -> b.base().getAuthority()).toList();
    try (RunningProxy proxy = new RunningProxy(recipe, authority, addresses)) {
      proxy.awaitReady();
      try (WebCrowd crowd =
          new WebCrowd(
              broker.connectionFactory(),
              proxy.base().resolve("cometd"),
              proxy.ca(),
              CLIENTS,
              REQUEST_PAUSE_MILLIS,
              PUBLISH_PAUSE_MILLIS,
              REQUEST_TIMEOUT_MILLIS)) {
        long start = System.nanoTime();
        crowd.awaitService(CLIENTS);
        report(recipe, "all clients are served", start);
        for (int i = 0; i < BRIDGES.size(); i++) {
          replace(i, proxy, recipe);
          // A topic goes on without a gap after a message that both bridges know.
          crowd.awaitService(CLIENTS);
        }
        JsonNode report = crowd.finish();
        System.out.println("pairs: RollingUpgradeIT: " + recipe + ": " + report);
        assertThat(report.path("problems")).as(report.toString()).isEmpty();
        assertThat(report.path("failed")).as(report.toString()).isEmpty();
        assertThat(report.path("interruptions").asInt()).isZero();
        assertThat(report.path("answered")).isEqualTo(report.path("requests"));
        assertThat(report.path("moves").asInt()).isGreaterThanOrEqualTo(CLIENTS);
        assertThat(crowd.askedTwice()).isEmpty();
      }
    }
  }

  /** What {@code docs/upgrading.md} tells an operator to do. */
  private void replace(int bridge, RunningProxy proxy, ProxyRecipe recipe) {
    long start = System.nanoTime();
    proxy.offer(bridge, false);
    String id = BRIDGES.get(bridge);
    int clients = admin(bridge, "bridge", "").path("connected").asInt();
    admin(bridge, "drain", "{\"bridge\": \"%s\"}".formatted(id));
    Awaitility.await(id + " has no clients")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> admin(bridge, "bridge", "").path("connected").asInt() == 0);
    report(recipe, "%d clients have left %s".formatted(clients, id), start);
    bridges.get(bridge).close();
    bridges.set(bridge, startBridge(bridge));
    proxy.offer(bridge, true);
    report(recipe, id + " is replaced", start);
  }

  private JsonNode admin(int bridge, String what, String body) {
    URI uri = bridges.get(bridge).base().resolve("admin/" + what);
    String root = Base64.getEncoder().encodeToString("root:root".getBytes(StandardCharsets.UTF_8));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).header("Authorization", "Basic " + root);
    if (!body.isEmpty()) {
      request
          .header("Content-Type", "application/json")
          .header("X-Longspan-Operator", "1")
          .POST(HttpRequest.BodyPublishers.ofString(body));
    }
    try {
      HttpResponse<String> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      return new ObjectMapper().readTree(response.body());
    } catch (IOException x) {
      throw new AssertionError(x);
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(x);
    }
  }

  private static void report(ProxyRecipe recipe, String what, long start) {
    System.out.printf(
        "pairs: RollingUpgradeIT: %s: %s after %.1f s%n",
        recipe, what, (System.nanoTime() - start) / 1e9);
  }
}
