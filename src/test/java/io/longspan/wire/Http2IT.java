package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.longspan.tls.TestAuthority;
import io.longspan.tls.TestIdentity;
import io.longspan.wire.RawHttp2.Answer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bayeux over HTTP/2: many sessions of several users on one connection. */
@Timeout(120)
final class Http2IT {
  private static final String PROXY = "127.0.0.2";
  private static final String USERS = "longspan_websockets{owner=\"user\"}";
  private static final String HANDSHAKE =
      "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"id\":\"1\","
          + "\"supportedConnectionTypes\":[\"websocket\",\"long-polling\"]}]";

  @TempDir Path folder;

  /** A tab: its requests share the connection of a client with other tabs. */
  private static final class Tab extends RawBayeuxClient {
    private final HttpClient http;
    private final Queue<HttpClient.Version> versions;

    Tab(HttpClient http, TestBridge bridge, String user, Queue<HttpClient.Version> versions) {
      super(bridge.cometd(), user, user);
      this.http = http;
      this.versions = versions;
    }

    @Override
    public String connectionType() {
      return "long-polling";
    }

    CompletableFuture<HttpResponse<String>> post(String body) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(url)
              .header("Content-Type", "application/json;charset=UTF-8")
              .header("Authorization", authorization)
              .POST(HttpRequest.BodyPublishers.ofString(body));
      if (bridgeId() != null) {
        request.header("X-Bridge-Id", bridgeId());
      }
      return http.sendAsync(request.build(), BodyHandlers.ofString());
    }

    @Override
    void transmit(List<Map<String, Object>> messages) {
      post(LongPollingClient.body(messages))
          .whenComplete(
              (response, failure) -> {
                if (failure != null) {
                  fail(failure);
                } else if (response.statusCode() == 200) {
                  versions.add(response.version());
                  dispatch(response.body());
                } else {
                  fail(new IOException("HTTP " + response.statusCode()));
                }
              });
    }

    @Override
    void cut() {
      closed = true;
      stopPolling();
    }
  }

  @Test
  void tabsOfSeveralUsersShareAConnectionOverTls() throws Exception {
    TestAuthority authority = new TestAuthority("CA of the bridge");
    TestIdentity identity = authority.issue("bridge", "127.0.0.1");
    identity.certificatePem(folder.resolve("cert.pem"));
    identity.keyPem(folder.resolve("key.pem"));
    SSLContext before = SSLContext.getDefault();
    SSLContext.setDefault(authority.clientContext());
    Queue<HttpClient.Version> versions = new ConcurrentLinkedQueue<>();
    HttpClient http = HttpClient.newHttpClient();
    List<Tab> tabs = new ArrayList<>();
    try (TestBridge bridge =
        TestBridge.start(
            Map.of(
                "http.http2", "true",
                "http.tls.certificate", folder.resolve("cert.pem").toString(),
                "http.tls.key", folder.resolve("key.pem").toString()))) {
      // A browser that speaks HTTP/1.1 could hold six polls.
      for (int i = 0; i < 8; i++) {
        tabs.add(new Tab(http, bridge, i < 6 ? "alice" : "bob", versions));
      }
      for (Tab tab : tabs) {
        tab.connected();
        tab.subscribe("chat/tabs");
      }
      assertThat(new Tab(http, bridge, "mallory", versions).post(HANDSHAKE).get().statusCode())
          .isEqualTo(401);
      tabs.get(7).send("chat/tabs", Map.of(), "to all");
      for (Tab tab : tabs) {
        tab.awaitData(data -> "to all".equals(data.get("body")));
      }
      assertThat(versions).containsOnly(HttpClient.Version.HTTP_2);
      // Who does not ask for HTTP/2 gets HTTP/1.1, and WebSockets.
      try (RawBayeuxClient other = bridge.connected(Transport.WEBSOCKET, "bob")) {
        other.send("chat/tabs", Map.of(), "by WebSocket");
        tabs.get(0).awaitData(data -> "by WebSocket".equals(data.get("body")));
      }
    } finally {
      tabs.forEach(Tab::cut);
      SSLContext.setDefault(before);
    }
  }

  @Test
  void webSocketsOnStreamsPassTheChecksOfOthers() {
    try (TestBridge bridge =
            TestBridge.start(Map.of("http.http2", "true", "limits.connectionsPerUser", "2"));
        RawHttp2 http = RawHttp2.to(bridge.cometd())) {
      String path = bridge.cometd().getPath();
      assertThat(http.begun(http.webSocket(path)).status()).isEqualTo(401);
      assertThat(http.begun(http.webSocket(path, RawHttp2.as("mallory"))).status()).isEqualTo(401);
      assertThat(
              http.begun(
                      http.webSocket(
                          path, RawHttp2.as("alice", "origin", "http://evil.example.org")))
                  .status())
          .isEqualTo(403);
      String own = "http://" + bridge.cometd().getAuthority();
      int alice = http.webSocket(path, RawHttp2.as("alice", "origin", own));
      assertThat(http.begun(alice).status()).isEqualTo(200);
      int bob = http.webSocket(path, RawHttp2.as("bob"));
      assertThat(http.begun(bob).status()).isEqualTo(200);
      http.text(alice, HANDSHAKE);
      http.text(bob, HANDSHAKE);
      assertThat(http.awaitText(alice, "clientId").text()).contains("/user/alice");
      assertThat(http.awaitText(bob, "clientId").text()).contains("/user/bob");

      int second = http.webSocket(path, RawHttp2.as("alice"));
      assertThat(http.begun(second).status()).isEqualTo(200);
      await().until(() -> bridge.metric(USERS) == 3);
      assertThat(http.begun(http.webSocket(path, RawHttp2.as("alice"))).status()).isEqualTo(429);
      http.reset(second);
      await().until(() -> bridge.metric(USERS) == 2);
      http.text(bob, HANDSHAKE.replace("\"1\"", "\"2\""));
      assertThat(http.awaitText(bob, "\"id\":\"2\"").isOver()).isFalse();

      // A message that is no message ends its own WebSocket.
      http.text(bob, "no JSON");
      Answer over = http.answer(bob);
      assertThat(over.isOver()).isTrue();
      await().until(() -> bridge.metric(USERS) == 1);
      http.text(alice, HANDSHAKE.replace("\"1\"", "\"3\""));
      assertThat(http.awaitText(alice, "\"id\":\"3\"").isOver()).isFalse();

      http.close();
      await().until(() -> bridge.metric(USERS) == 0);
    }
  }

  @Test
  void otherTunnelsAreRefused() {
    try (TestBridge bridge = TestBridge.start(Map.of("http.http2", "true"));
        RawHttp2 http = RawHttp2.to(bridge.cometd())) {
      String path = bridge.cometd().getPath();
      int end = RawHttp2.END_HEADERS;
      byte[] other = http.head("CONNECT", path, RawHttp2.as("alice", ":protocol", "connect-udp"));
      assertThat(http.begun(http.open(end, other)).status()).isNotEqualTo(200);
      byte[] plain = RawHttp2.fields(":method", "CONNECT", ":authority", "broker:61616");
      assertThat(http.begun(http.open(end, plain)).status()).isNotEqualTo(200);
      int page = http.webSocket("/", RawHttp2.as("alice"));
      assertThat(http.begun(page).status()).isNotEqualTo(200);
      assertThat(http.answer(http.get("/health/live")).status()).isEqualTo(200);
    }
  }

  @Test
  void aProxysStreamsCountForTheirClients() {
    try (TestBridge bridge =
            TestBridge.start(
                Map.of(
                    "http.http2", "true",
                    "http.host", "0.0.0.0",
                    "http.trustedProxies", PROXY,
                    "security.metricsFrom", "203.0.113.7",
                    "limits.connectionsPerAddress", "1"));
        RawHttp2 http = RawHttp2.to(bridge.cometd(), PROXY);
        RawHttp2 stranger = RawHttp2.to(bridge.cometd(), "127.0.0.3");
        RawHttp2 announced = RawHttp2.silent(bridge.cometd(), PROXY)) {
      String path = bridge.cometd().getPath();
      String[] first = RawHttp2.as("alice", "x-forwarded-for", "203.0.113.1");
      String[] second = RawHttp2.as("alice", "x-forwarded-for", "203.0.113.2");
      int held = http.webSocket(path, first);
      assertThat(http.begun(held).status()).isEqualTo(200);
      assertThat(http.begun(http.webSocket(path, first)).status()).isEqualTo(429);
      assertThat(http.begun(http.webSocket(path, second)).status()).isEqualTo(200);
      http.reset(held);
      await().until(() -> http.begun(http.webSocket(path, first)).status() == 200);

      String friend = "203.0.113.7";
      assertThat(http.answer(http.get("/metrics", "x-forwarded-for", friend)).status())
          .isEqualTo(200);
      assertThat(stranger.answer(stranger.get("/metrics", "x-forwarded-for", friend)).status())
          .isEqualTo(401);
      announced.write(
          ("PROXY TCP4 " + friend + " 192.0.2.1 4711 80\r\n").getBytes(StandardCharsets.US_ASCII));
      announced.start();
      assertThat(announced.answer(announced.get("/metrics")).status()).isEqualTo(200);
    }
  }

  @Test
  void withoutTheKeyHttp2IsRefused() {
    try (TestBridge bridge = TestBridge.start(Map.of());
        RawHttp2 http = RawHttp2.to(bridge.cometd())) {
      http.awaitEnd();
      assertThat(http.isClosed()).isTrue();
    }
  }
}
