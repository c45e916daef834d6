package io.longspan.external;

import static io.longspan.wire.RawBayeuxClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.tls.TestAuthority;
import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.RawHttp;
import io.longspan.wire.TestService;
import io.longspan.wire.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two bridges behind each proxy of {@code deploy/proxies}, which must be installed. The bridges and
 * the proxies run side by side for all tests, so that polls which are held to their end overlap
 * with other tests; hence the order.
 */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ProxyRecipesIT {
  private static final List<String> BRIDGES = List.of("bridge-1", "bridge-2");
  private static final int CROWD = 8;
  private static final int PAUSE_MILLIS = 200;
  private static final int REQUEST_TIMEOUT_MILLIS = 5000;
  private static final int MAX_CLIENTS = 24;

  /** An address of this machine that no bridge trusts. */
  private static final String OTHER_ADDRESS = "127.0.0.2";

  /**
   * What requests may end with whose connection was cut; their time may be over before it is back.
   */
  private static final Set<String> CUT = Set.of("connectionLost", "notSent", "timedOut");

  private final TestAuthority authority = new TestAuthority("CA of the proxies");
  private final Map<ProxyRecipe, RunningProxy> proxies = new EnumMap<>(ProxyRecipe.class);
  private final Map<ProxyRecipe, List<CompletableFuture<Map<String, Object>>>> polls =
      new EnumMap<>(ProxyRecipe.class);
  private final List<RawBayeuxClient> polling = new ArrayList<>();
  private final Map<String, ExecutableWar> bridges = new LinkedHashMap<>();
  private final Map<String, Path> configurations = new LinkedHashMap<>();
  private SSLContext usualContext;
  private ExternalBroker broker;
  private TestService echo;

  @BeforeAll
  void start() throws NoSuchAlgorithmException {
    usualContext = SSLContext.getDefault();
    SSLContext.setDefault(authority.clientContext());
    broker = new ExternalActiveMq();
    echo = new TestService(broker.connectionFactory()).serve("services/echo", TestService::echo);
    Map<String, String> settings = new LinkedHashMap<>(broker.settings());
    settings.put("http.trustedProxies", "127.0.0.1");
    settings.put("http.http2", "true");
    settings.put("audit.file", "audit.log");
    String catalogue =
        """
        destinations:
          - {name: services/echo, kind: queue, send: ["*"]}
        """
            + WebCrowd.entries();
    String users = "alice: alice\n" + WebCrowd.users(CROWD);
    BRIDGES.forEach(
        id -> configurations.put(id, BridgeFiles.write(id, settings, catalogue, users)));
    List<CompletableFuture<ExecutableWar>> starting =
        BRIDGES.stream().map(id -> CompletableFuture.supplyAsync(() -> startBridge(id))).toList();
    for (int i = 0; i < BRIDGES.size(); i++) {
      bridges.put(BRIDGES.get(i), starting.get(i).join());
    }
    List<String> addresses =
        bridges.values().stream().map(bridge -> bridge.base().getAuthority()).toList();
    for (ProxyRecipe recipe : ProxyRecipe.values()) {
      proxies.put(recipe, new RunningProxy(recipe, authority, addresses));
    }
    for (ProxyRecipe recipe : ProxyRecipe.values()) {
      proxies.get(recipe).awaitReady();
      polls.put(recipe, Stream.of(Transport.values()).map(t -> idlePoll(recipe, t)).toList());
    }
  }

  private ExecutableWar startBridge(String id) {
    return new ExecutableWar(configurations.get(id), id, List.of(), Map.of());
  }

  /** Starts a poll that the bridge holds for session.timeout, because nothing happens. */
  private CompletableFuture<Map<String, Object>> idlePoll(ProxyRecipe recipe, Transport transport) {
    RawBayeuxClient client = client(recipe, transport, "").handshake();
    polling.add(client);
    client.endPolling();
    return client.start(
        message("channel", "/meta/connect", "connectionType", client.connectionType()));
  }

  @AfterAll
  void stop() {
    SSLContext.setDefault(usualContext);
    polling.forEach(RawBayeuxClient::close);
    proxies.values().forEach(RunningProxy::close);
    bridges.values().forEach(ExecutableWar::kill);
    if (echo != null) {
      echo.close();
    }
    if (broker != null) {
      broker.close();
    }
  }

  private RawBayeuxClient client(ProxyRecipe recipe, Transport transport, String query) {
    URI endpoint = proxies.get(recipe).base().resolve("cometd" + query);
    return transport.client(endpoint, "alice", "alice");
  }

  private static RawHttp.Answer get(RunningProxy proxy, String path, String... headers) {
    return exchange(proxy, "GET", path, "", headers);
  }

  private static RawHttp.Answer exchange(
      RunningProxy proxy, String method, String path, String body, String... headers) {
    try (RawHttp http = RawHttp.to(proxy.base(), OTHER_ADDRESS, Duration.ofSeconds(60))) {
      return http.request(method, path, body.getBytes(StandardCharsets.UTF_8), headers).answer();
    }
  }

  @Order(1)
  @ParameterizedTest
  @EnumSource
  void plainHttpIsSentToHttps(ProxyRecipe recipe) {
    RunningProxy proxy = proxies.get(recipe);
    try (RawHttp http = RawHttp.to(proxy.plainBase())) {
      RawHttp.Answer answer = http.request("GET", "/demo.html", new byte[0]).answer();
      assertThat(answer.status()).isEqualTo(308);
      assertThat(answer.header("Location").toString()).contains("https://127.0.0.1");
    }
  }

  @Order(2)
  @ParameterizedTest
  @EnumSource
  void sessionsOfBothTransportsStayOnTheirBridge(ProxyRecipe recipe) {
    for (Transport transport : Transport.values()) {
      List<RawBayeuxClient> clients = new ArrayList<>();
      Set<String> reached = new HashSet<>();
      try {
        while (!reached.containsAll(BRIDGES) && clients.size() < MAX_CLIENTS) {
          RawBayeuxClient client = client(recipe, transport, "").connected();
          clients.add(client);
          reached.add(client.bridgeId());
        }
        assertThat(reached).containsAll(BRIDGES);
        for (RawBayeuxClient client : clients) {
          for (int i = 0; i < 3; i++) {
            String id = transport + "-" + clients.indexOf(client) + "-" + i;
            assertThat(client.send("services/echo", Map.of("JMSCorrelationID", id), id))
                .containsEntry("successful", true);
            assertThat(client.awaitAnswer(id)).containsEntry("body", id);
          }
        }
      } finally {
        clients.forEach(RawBayeuxClient::close);
      }
    }
  }

  @Order(3)
  @ParameterizedTest
  @EnumSource
  void aWebSocketReachesTheBridgeThatItsQueryNames(ProxyRecipe recipe) {
    for (String id : List.of("bridge-1", "bridge-2", "bridge-2", "bridge-1")) {
      try (RawBayeuxClient first =
              client(recipe, Transport.WEBSOCKET, "?bridgeId=" + id).connected();
          RawBayeuxClient second = client(recipe, Transport.WEBSOCKET, "?bridgeId=" + id)) {
        assertThat(first.bridgeId()).isEqualTo(id);
        second.useClientId(first.clientId());
        assertThat(poll(second)).containsEntry("successful", true);
      }
    }
  }

  private static Map<String, Object> poll(RawBayeuxClient client) {
    return client.exchange(
        message(
            "channel", "/meta/connect",
            "connectionType", client.connectionType(),
            "advice", Map.of("timeout", 0)));
  }

  @Order(4)
  @ParameterizedTest
  @EnumSource
  void theBridgeSeesAddressAndSchemeOfTheClientAndKeepsItsSignIn(ProxyRecipe recipe) {
    RunningProxy proxy = proxies.get(recipe);
    String origin = "Origin: https://" + proxy.base().getAuthority();
    String form = "Content-Type: application/x-www-form-urlencoded";
    String credentials = "user=alice&password=alice";
    RawHttp.Answer other =
        exchange(proxy, "POST", "/login", credentials, form, origin.replace("https", "http"));
    assertThat(other.status()).as("a page of another scheme is of another origin").isEqualTo(403);
    long before = signInsFrom(OTHER_ADDRESS);
    List<String> cookies = new ArrayList<>(get(proxy, "/").header("Set-Cookie"));
    RawHttp.Answer signedIn =
        exchange(
            proxy,
            "POST",
            "/login",
            credentials,
            form,
            origin,
            cookie(cookies),
            "X-Forwarded-For: 192.0.2.1",
            "X-Forwarded-Host: other.example.org",
            "X-Forwarded-Proto: http",
            "Forwarded: for=192.0.2.2;proto=http");
    assertThat(signedIn.status()).as(signedIn.head()).isEqualTo(204);
    assertThat(signedIn.header("Set-Cookie")).isNotEmpty().allMatch(c -> c.contains("Secure"));
    cookies.addAll(signedIn.header("Set-Cookie"));
    Awaitility.await().until(() -> signInsFrom(OTHER_ADDRESS) > before);
    for (int i = 0; i < 6; i++) {
      assertThat(get(proxy, "/login", cookie(cookies)).body()).contains("\"alice\"");
    }
  }

  private static String cookie(Collection<String> setCookies) {
    return "Cookie: " + String.join("; ", setCookies.stream().map(c -> c.split(";")[0]).toList());
  }

  private long signInsFrom(String address) {
    return configurations.values().stream()
        .map(config -> config.resolveSibling("audit.log"))
        .filter(Files::exists)
        .flatMap(ProxyRecipesIT::lines)
        .filter(line -> line.contains("signedIn") && line.contains("\"" + address + "\""))
        .count();
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  @Order(5)
  @ParameterizedTest
  @EnumSource
  void aPollIsHeldToItsEnd(ProxyRecipe recipe) throws Exception {
    for (CompletableFuture<Map<String, Object>> poll : polls.get(recipe)) {
      assertThat(poll.get(60, TimeUnit.SECONDS)).containsEntry("successful", true);
    }
  }

  @Order(6)
  @ParameterizedTest
  @EnumSource
  void nothingIsLostWhenTheProxyIsReloadedOrRestarted(ProxyRecipe recipe) {
    RunningProxy proxy = proxies.get(recipe);
    try (WebCrowd crowd =
        new WebCrowd(
            broker.connectionFactory(),
            proxy.base().resolve("cometd"),
            proxy.ca(),
            CROWD,
            PAUSE_MILLIS,
            PAUSE_MILLIS,
            REQUEST_TIMEOUT_MILLIS)) {
      crowd.awaitService(CROWD);
      proxy.reload();
      crowd.awaitService(CROWD);
      proxy.restart();
      crowd.await("the clients have noticed", s -> s.path("interruptions").asInt() >= CROWD);
      crowd.awaitService(CROWD);
      JsonNode report = crowd.finish();
      assertThat(report.path("problems")).as(report.toString()).isEmpty();
      assertThat(report.path("failed").fieldNames()).toIterable().isSubsetOf(CUT);
      assertThat(crowd.askedTwice()).isEmpty();
    }
  }

  /** The last one, because the bridge does not come back. */
  @Order(7)
  @Test
  void aSessionWhoseBridgeIsGoneIsToldToShakeHandsAnew() {
    Map<ProxyRecipe, Map<Transport, String>> sessions = new EnumMap<>(ProxyRecipe.class);
    for (ProxyRecipe recipe : ProxyRecipe.values()) {
      Map<Transport, String> ofRecipe = new EnumMap<>(Transport.class);
      for (Transport transport : Transport.values()) {
        RawBayeuxClient client = client(recipe, transport, "?bridgeId=bridge-1").connected();
        polling.add(client);
        assertThat(client.bridgeId()).isEqualTo("bridge-1");
        ofRecipe.put(transport, client.clientId());
      }
      sessions.put(recipe, ofRecipe);
    }
    bridges.get("bridge-1").kill();
    sessions.forEach(
        (recipe, ofRecipe) ->
            ofRecipe.forEach((transport, id) -> assertHandshakesAnew(recipe, transport, id)));
  }

  private void assertHandshakesAnew(ProxyRecipe recipe, Transport transport, String clientId) {
    Map<String, Object> refusal =
        Awaitility.await(recipe + ", " + transport)
            .atMost(Duration.ofSeconds(60))
            .ignoreExceptions()
            .until(() -> reconnect(recipe, transport, clientId), reply -> reply != null);
    assertThat(refusal).as("%s, %s", recipe, transport).containsEntry("successful", false);
    assertThat(refusal.get("error")).asString().startsWith("402");
    assertThat(refusal.get("advice")).asString().contains("reconnect=handshake");
    try (RawBayeuxClient again = client(recipe, transport, "?bridgeId=bridge-1").connected()) {
      assertThat(again.bridgeId()).isEqualTo("bridge-2");
    }
  }

  /** A new connection that goes on with a session; null until the proxy knows. */
  private Map<String, Object> reconnect(ProxyRecipe recipe, Transport transport, String clientId) {
    try (RawBayeuxClient alice = client(recipe, transport, "?bridgeId=bridge-1")) {
      alice.useClientId(clientId);
      return poll(alice);
    } catch (AssertionError notYet) {
      return null;
    }
  }
}
