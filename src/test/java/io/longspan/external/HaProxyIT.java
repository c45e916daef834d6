package io.longspan.external;

import static io.longspan.wire.RawBayeuxClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.Transport;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two bridges behind the HAProxy of {@code docker/haproxy.cfg}; needs an installed HAProxy. */
@Timeout(120)
final class HaProxyIT {
  private static final Path PROGRAM = Path.of("/usr/sbin/haproxy");
  private static final List<String> BRIDGES = List.of("bridge-1", "bridge-2");

  private final List<ExecutableWar> bridges = new ArrayList<>();
  private ExternalBroker broker;
  private ChildProcess proxy;
  private URI base;

  @BeforeEach
  void start() {
    assertThat(PROGRAM).as("HAProxy, of the package haproxy").isExecutable();
    broker = new ExternalActiveMq();
    Map<String, String> settings = new HashMap<>(broker.settings());
    settings.put("http.trustedProxies", "127.0.0.1");
    for (String id : BRIDGES) {
      bridges.add(new ExecutableWar(id, settings));
    }
    int port = FreePort.find();
    proxy =
        ChildProcess.start(
            "haproxy",
            Path.of(""),
            Map.of(
                "LONGSPAN_BIND", "127.0.0.1:" + port,
                "LONGSPAN_BRIDGE_1", bridges.get(0).base().getAuthority(),
                "LONGSPAN_BRIDGE_2", bridges.get(1).base().getAuthority()),
            List.of(PROGRAM.toString(), "-db", "-f", "docker/haproxy.cfg"));
    base = URI.create("http://127.0.0.1:" + port + "/");
    Readiness.await(base, proxy);
  }

  @AfterEach
  void stop() {
    if (proxy != null) {
      proxy.kill();
    }
    bridges.forEach(ExecutableWar::close);
    if (broker != null) {
      broker.close();
    }
  }

  private RawBayeuxClient client(Transport transport, String query) {
    return transport.client(base.resolve("cometd" + query), "alice", "alice");
  }

  @Test
  void aLongPollingSessionStaysOnItsBridge() {
    List<RawBayeuxClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        RawBayeuxClient client = client(Transport.LONG_POLLING, "").connected();
        clients.add(client);
        for (int n = 0; n < 5; n++) {
          assertThat(client.subscribe("chat/" + n)).containsEntry("status", "success");
        }
      }
      assertThat(clients).extracting(RawBayeuxClient::bridgeId).containsAll(BRIDGES);
    } finally {
      clients.forEach(RawBayeuxClient::close);
    }
  }

  @Test
  void aWebSocketReachesTheBridgeThatItsQueryNames() {
    for (String id : List.of("bridge-1", "bridge-2", "bridge-2", "bridge-1")) {
      try (RawBayeuxClient first = client(Transport.WEBSOCKET, "?bridgeId=" + id).connected();
          RawBayeuxClient second = client(Transport.WEBSOCKET, "?bridgeId=" + id)) {
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

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aSessionWhoseBridgeIsGoneIsToldToShakeHandsAnew(Transport transport) {
    try (RawBayeuxClient alice = client(transport, "?bridgeId=bridge-1").connected()) {
      assertThat(alice.bridgeId()).isEqualTo("bridge-1");
      bridges.get(0).kill();
      Map<String, Object> refusal =
          Awaitility.await()
              .atMost(Duration.ofSeconds(120))
              .ignoreExceptions()
              .until(() -> reconnect(transport, alice.clientId()), reply -> reply != null);
      assertThat(refusal).containsEntry("successful", false);
      assertThat(refusal.get("error")).asString().startsWith("402");
      assertThat(refusal.get("advice")).asString().contains("reconnect=handshake");
      try (RawBayeuxClient again = client(transport, "?bridgeId=bridge-1").connected()) {
        assertThat(again.bridgeId()).isEqualTo("bridge-2");
      }
    }
  }

  /** A new connection that goes on with a session; it throws until the proxy knows. */
  private Map<String, Object> reconnect(Transport transport, String clientId) {
    try (RawBayeuxClient alice = client(transport, "?bridgeId=bridge-1")) {
      alice.useClientId(clientId);
      return poll(alice);
    } catch (AssertionError notYet) {
      return null;
    }
  }
}
