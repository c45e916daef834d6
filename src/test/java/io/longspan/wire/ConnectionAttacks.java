package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static io.longspan.wire.TokenIssuer.settings;
import static io.longspan.wire.TokenIssuer.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.wire.RawHttp.Answer;
import io.longspan.wire.RawHttp.Frame;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Connections that cost the bridge memory, with and without a user; bob is served. */
interface ConnectionAttacks extends AttackTarget {
  String ALICE = CrossSiteAttacks.ALICE;
  String INBOUND = "longspan_budget_bytes{purpose=\"inbound\"}";
  String STRANGERS = "longspan_websockets{owner=\"stranger\"}";

  private static void assertServes(RawBayeuxClient bob) {
    assertThat(bob.send("chat/bob", Map.of(), "still here")).containsEntry("successful", true);
  }

  private static String ended(String reason) {
    return "longspan_websockets_ended_total{reason=\"" + reason + "\"}";
  }

  private static String[] with(String[] settings, String... more) {
    return Stream.concat(Stream.of(settings), Stream.of(more)).toArray(String[]::new);
  }

  private static void awaitNothingInbound(TestBridge bridge) {
    Awaitility.await().until(() -> bridge.metric(INBOUND) == 0);
  }

  /** Upgrades and sends the first part of a message. */
  private static RawHttp halfMessage(RawHttp http, int bytes, String... headerLines) {
    assertThat(http.upgrade(headerLines).status()).isEqualTo(101);
    try {
      http.frame(false, false, RawHttp.TEXT, " ".repeat(bytes).getBytes(StandardCharsets.UTF_8));
    } catch (UncheckedIOException closedWhileItSends) {
      // The test looks at how it was closed.
    }
    return http;
  }

  @Test
  default void incompleteMessagesOfStrangersAreBoundedAndEndSoon() {
    List<RawHttp> attackers = new ArrayList<>();
    try (TestBridge own = bridgeWith(with(settings(), "limits.totalBytes", "8MiB"));
        RawBayeuxClient bob = own.connected(Transport.WEBSOCKET, "bob")) {
      // Strangers have a sixteenth of it, and one address a quarter of that.
      double most = (8 << 20) / 16;
      for (int i = 0; i < 24; i++) {
        RawHttp http = RawHttp.to(own, "127.0.0.2");
        attackers.add(http);
        halfMessage(http, 15_000);
        assertThat(own.metric(INBOUND)).isLessThanOrEqualTo(most / 4);
      }
      assertThat(own.metric(ended("no_memory"))).isPositive();
      assertThat(own.metric(STRANGERS)).isLessThanOrEqualTo(24);
      assertServes(bob);
      // Who comes from elsewhere signs in all the same.
      try (RawBayeuxClient page = Transport.WEBSOCKET.client(own.cometd(), null, null)) {
        page.connected("ext", message("token", token("carol")));
        assertServes(page);
      }
      attackers.forEach(RawHttp::awaitEnd);
      awaitNothingInbound(own);
      assertThat(own.metric(ended("not_signed_in"))).isPositive();
      assertThat(own.metric(STRANGERS)).isZero();
      assertServes(bob);
    } finally {
      attackers.forEach(RawHttp::close);
    }
  }

  @Test
  default void aStrangersMessageMustBeSmall() {
    try (TestBridge own = bridgeWith(settings());
        RawHttp http = RawHttp.to(own)) {
      halfMessage(http, 580_000);
      Frame close = http.awaitFrame(RawHttp.CLOSE);
      assertThat(close.closeCode()).isEqualTo(1009);
      awaitNothingInbound(own);
      // A handshake with a large token is not affected.
      try (RawBayeuxClient page = Transport.WEBSOCKET.client(own.cometd(), null, null)) {
        String[] roles =
            Stream.iterate(0, i -> i + 1).limit(500).map(i -> "role-" + i).toArray(String[]::new);
        page.connected("ext", message("token", token("carol", roles)));
        // And its user may send more than a stranger.
        assertThat(page.send("chat/carol", Map.of(), "x".repeat(100_000)))
            .containsEntry("successful", true);
      }
    }
  }

  @Test
  default void strangersDisplaceTheOldestOfTheirAddressAndNobodyElse() {
    // 16 places, 4 for one address.
    try (TestBridge own = bridgeWith(with(settings(), "limits.totalBytes", "1MiB"));
        RawBayeuxClient bob = own.connected(Transport.WEBSOCKET, "bob")) {
      // On a slow machine the oldest may reach its deadline of 5 s before it is displaced.
      Awaitility.await().until(() -> isOldestDisplaced(own));
      assertThat(own.metric(ended("displaced"))).isPositive();
      assertServes(bob);
    }
  }

  private static boolean isOldestDisplaced(TestBridge own) {
    List<RawHttp> attackers = new ArrayList<>();
    try (RawHttp other = RawHttp.to(own, "127.0.0.3")) {
      assertThat(other.upgrade().status()).isEqualTo(101);
      for (int i = 0; i < 5; i++) {
        RawHttp http = RawHttp.to(own, "127.0.0.2");
        attackers.add(http);
        assertThat(http.upgrade().status()).isEqualTo(101);
      }
      Frame close = attackers.get(0).awaitFrame(RawHttp.CLOSE);
      if (close.closeCode() == 1008) {
        return false;
      }
      assertThat(close.closeCode()).isEqualTo(1013);
      assertThat(new String(close.payload(), StandardCharsets.UTF_8))
          .endsWith("too many connections without a user");
      other.frame(true, false, RawHttp.PING, new byte[] {1});
      assertThat(other.awaitFrame(RawHttp.PONG).payload()).containsExactly(1);
      return true;
    } finally {
      attackers.forEach(RawHttp::close);
    }
  }

  @Test
  default void incompleteMessagesOfAUserAreBoundedOverAllItsConnections() {
    List<RawHttp> attackers = new ArrayList<>();
    try (TestBridge own = bridgeWith("limits.userBytes", "2MiB");
        RawBayeuxClient bob = own.connected(Transport.WEBSOCKET, "bob")) {
      for (int i = 0; i < 12; i++) {
        RawHttp http = RawHttp.to(own);
        attackers.add(http);
        halfMessage(http, 500_000, ALICE);
        assertThat(own.metric(INBOUND)).isLessThanOrEqualTo(2 << 20);
      }
      Awaitility.await().until(() -> own.metric(ended("no_memory")) >= 10);
      assertServes(bob);
      attackers.forEach(RawHttp::close);
      awaitNothingInbound(own);
      Awaitility.await().until(() -> own.metric("longspan_websockets{owner=\"user\"}") == 1);
    } finally {
      attackers.forEach(RawHttp::close);
    }
  }

  @Test
  default void incompleteRequestsOfAUserAreBoundedToo() {
    List<RawHttp> attackers = new ArrayList<>();
    try (TestBridge own = bridgeWith("limits.userBytes", "2MiB");
        RawBayeuxClient bob = own.connected(Transport.LONG_POLLING, "bob")) {
      byte[] head =
          ("POST /cometd HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500001\r\n"
                  + ALICE
                  + "\r\n"
                  + CrossSiteAttacks.JSON_TYPE
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 12; i++) {
        RawHttp http = RawHttp.to(own);
        attackers.add(http);
        try {
          http.write(head).write(" ".repeat(500_000).getBytes(StandardCharsets.UTF_8));
        } catch (UncheckedIOException refusedWhileItSends) {
          // The metric says so.
        }
      }
      Awaitility.await()
          .until(() -> own.metric("longspan_budget_refused_total{purpose=\"inbound\"}") >= 10);
      assertThat(own.metric(INBOUND)).isBetween(1.0, (double) (2 << 20));
      assertThat(attackers.stream().filter(ConnectionAttacks::isRefused)).isNotEmpty();
      assertServes(bob);
      attackers.forEach(RawHttp::close);
      awaitNothingInbound(own);
    } finally {
      attackers.forEach(RawHttp::close);
    }
  }

  private static boolean isRefused(RawHttp http) {
    try {
      return http.hasInput() && http.answer().status() == 429;
    } catch (UncheckedIOException reset) {
      return false;
    }
  }

  @Test
  default void theWebSocketsOfAUserAreLimited() {
    List<RawHttp> sockets = new ArrayList<>();
    try (TestBridge own = bridgeWith(with(settings(), "limits.connectionsPerUser", "3"));
        RawBayeuxClient bob = own.connected(Transport.WEBSOCKET, "bob")) {
      for (int i = 0; i < 3; i++) {
        RawHttp http = RawHttp.to(own);
        sockets.add(http);
        assertThat(http.upgrade(ALICE).status()).isEqualTo(101);
      }
      Awaitility.await().until(() -> own.metric("longspan_websockets{owner=\"user\"}") == 4);
      try (RawHttp fourth = RawHttp.to(own)) {
        Answer refused = fourth.upgrade(ALICE);
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("Retry-After")).containsExactly("1");
      }
      // Nor by a token in the handshake.
      try (WebSocketClient page =
          (WebSocketClient) Transport.WEBSOCKET.client(own.cometd(), null, null)) {
        page.start(message("channel", "/meta/handshake", "ext", message("token", token("alice"))));
        assertThat(RawBayeuxClient.await(page.closeCode())).isEqualTo(1013);
      }
      assertThat(own.metric(ended("user_limit"))).isEqualTo(2);
      assertServes(bob);
      sockets.remove(0).close();
      Awaitility.await()
          .until(
              () -> {
                try (RawHttp next = RawHttp.to(own)) {
                  return next.upgrade(ALICE).status() == 101;
                }
              });
    } finally {
      sockets.forEach(RawHttp::close);
    }
  }

  private static byte[] halfHeader(int valueBytes) {
    return ("GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Slow: " + "x".repeat(valueBytes))
        .getBytes(StandardCharsets.UTF_8);
  }

  private static Answer handshake(RawHttp http) {
    return http.request(
            "POST",
            "/cometd",
            "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\"}]"
                .getBytes(StandardCharsets.UTF_8),
            "Connection: keep-alive",
            ALICE,
            CrossSiteAttacks.JSON_TYPE)
        .answer();
  }

  @Test
  default void incompleteHeadersDisplaceTheOldestOfTheirAddressAndNobodyElse() {
    String displaced = "longspan_connections_displaced_total";
    List<RawHttp> attackers = new ArrayList<>();
    // One address has room for sixteen headers of full size.
    try (TestBridge own = bridgeWith("limits.totalBytes", "1MiB");
        RawBayeuxClient bob = own.connected(Transport.LONG_POLLING, "bob");
        RawHttp user = RawHttp.to(own, "127.0.0.2");
        RawHttp elsewhere = RawHttp.to(own, "127.0.0.3")) {
      assertThat(handshake(user).status()).isEqualTo(200);
      elsewhere.write(halfHeader(10));
      for (int i = 0; i < 40; i++) {
        RawHttp http = RawHttp.to(own, "127.0.0.2");
        attackers.add(http);
        http.write(halfHeader(15_000));
        // Each of the later ones comes when the server knows all before it.
        int expected = i - 15;
        Awaitility.await().until(() -> own.metric(displaced) >= expected);
      }
      attackers.subList(0, 20).forEach(RawHttp::awaitEnd);
      assertServes(bob);
      // A connection that had a user, and one from elsewhere, are still there.
      assertThat(handshake(user).status()).isEqualTo(200);
      elsewhere.write("\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      assertThat(elsewhere.answer().status()).isEqualTo(200);
      // And so is the newest of the address.
      RawHttp newest = attackers.get(39);
      newest.write("\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      assertThat(newest.answer().status()).isEqualTo(200);
    } finally {
      attackers.forEach(RawHttp::close);
    }
  }

  @Test
  default void idleConnectionsDisplaceEachOtherToo() {
    List<RawHttp> attackers = new ArrayList<>();
    try (TestBridge own = bridgeWith("limits.totalBytes", "1MiB");
        RawBayeuxClient bob = own.connected(Transport.LONG_POLLING, "bob")) {
      for (int i = 0; i < 300; i++) {
        RawHttp http = RawHttp.to(own, "127.0.0.2");
        attackers.add(http);
        if (i % 2 == 0) {
          http.request("GET", "/health/live", new byte[0], "Connection: keep-alive");
          assertThat(http.answer().status()).isEqualTo(200);
        }
      }
      attackers.get(0).awaitEnd();
      attackers.get(1).awaitEnd();
      assertServes(bob);
    } finally {
      attackers.forEach(RawHttp::close);
    }
  }

  @Test
  default void theFieldsOfAHeaderAreLimited() {
    List<String> fields = new ArrayList<>();
    for (int i = 0; i < 90; i++) {
      fields.add("X-" + i + ": a");
    }
    assertThat(
            RawHttp.exchange(bridge(), "GET", "/health/live", fields.toArray(String[]::new))
                .status())
        .isEqualTo(200);
    for (int i = 0; i < 20; i++) {
      fields.add("Y-" + i + ": a");
    }
    Answer refused =
        RawHttp.exchange(bridge(), "GET", "/health/live", fields.toArray(String[]::new));
    assertThat(refused.status()).isEqualTo(431);
    assertThat(refused.body()).isEqualTo("Error 431\n");
  }

  /** Asserts that whatever needs a thread gets one. */
  private static void assertAnswers(TestBridge own) {
    for (String path :
        List.of("/health/ready", "/health/live", "/metrics", "/index.html", "/login")) {
      assertThat(RawHttp.exchange(own, "GET", path).status()).as(path).isEqualTo(200);
    }
    assertThat(RawHttp.exchange(own, "GET", "/admin/sessions", ALICE).status()).isEqualTo(403);
  }

  @Test
  default void slowReadersOfFilesDelayNobody() {
    List<RawHttp> attackers = new ArrayList<>();
    try (TestBridge own = bridgeWith("limits.totalBytes", "1GiB", "session.timeout", "10m");
        RawBayeuxClient bob = own.connected(Transport.LONG_POLLING, "bob")) {
      for (int i = 0; i < 210; i++) {
        RawHttp http = RawHttp.to(own, "127.0.0.2");
        attackers.add(http);
        for (int request = 0; request < 3; request++) {
          http.request("GET", "/" + TestBridge.LARGE_FILE, new byte[0], "Connection: keep-alive");
        }
      }
      // As many as there are threads for files.
      Awaitility.await().until(() -> attackers.stream().filter(RawHttp::hasInput).count() >= 200);
      assertAnswers(own);
      assertServes(bob);
    } finally {
      attackers.forEach(RawHttp::close);
    }
  }
}
