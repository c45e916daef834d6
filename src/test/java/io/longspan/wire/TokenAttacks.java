package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static io.longspan.wire.TokenIssuer.claims;
import static io.longspan.wire.TokenIssuer.settings;
import static io.longspan.wire.TokenIssuer.sign;
import static io.longspan.wire.TokenIssuer.token;
import static io.longspan.wire.TokenIssuer.tokenFor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tokens that are not good, are not good any more, or are another user's. */
interface TokenAttacks extends AttackTarget {

  private static RawBayeuxClient anonymous(TestBridge bridge, Transport transport) {
    return transport.client(bridge.cometd(), null, null);
  }

  private static RawBayeuxClient bearer(TestBridge bridge, Transport transport, String token) {
    return anonymous(bridge, transport).withAuthorization("Bearer " + token);
  }

  private static Object ext(String token) {
    return message("token", token);
  }

  private static Map<String, Object> connect(RawBayeuxClient client, Object... moreFields) {
    Map<String, Object> connect =
        message(
            "channel", "/meta/connect",
            "connectionType", client.connectionType(),
            "advice", Map.of("timeout", 0));
    connect.putAll(message(moreFields));
    return client.exchange(connect);
  }

  private static Map<String, Object> publish(RawBayeuxClient client, Object... moreFields) {
    Map<String, Object> publish =
        message(
            "channel", "/anzo/bridge", "data", message("destination", "chat/renewed", "body", "x"));
    publish.putAll(message(moreFields));
    return client.exchange(publish);
  }

  /** One of each kind; {@code TokenVerifierTest} has them all. */
  private static List<String> badTokens() {
    return List.of(
        "",
        "x.y.z",
        tokenFor(Duration.ofSeconds(-1), "alice"),
        sign(claims("alice").issuer("https://other.example.org").build()),
        sign(
            claims("alice").build(), TokenIssuer.header(JWSAlgorithm.RS256), TokenIssuer.OTHER_RSA),
        sign(claims("alice\u0000").build()));
  }

  @Test
  default void anInvalidTokenOpensNoSessionAndRevealsNothing() {
    try (TestBridge bridge = bridgeWith(settings())) {
      for (String bad : badTokens()) {
        try (LongPollingClient polling =
                (LongPollingClient) bearer(bridge, Transport.LONG_POLLING, bad);
            RawBayeuxClient socket = bearer(bridge, Transport.WEBSOCKET, bad);
            RawBayeuxClient page = anonymous(bridge, Transport.WEBSOCKET)) {
          HttpResponse<String> refused = polling.post("[{\"channel\":\"/meta/handshake\"}]");
          assertThat(refused.statusCode()).isEqualTo(401);
          assertThat(refused.headers().allValues("WWW-Authenticate"))
              .containsExactly("Bearer error=\"invalid_token\"");
          assertThatThrownBy(socket::tryHandshake).hasStackTraceContaining("401");
          Map<String, Object> reply = page.tryHandshake("ext", ext(bad));
          assertThat(reply)
              .containsEntry("successful", false)
              .containsEntry("error", "401::invalid_token")
              .containsEntry("advice", Map.of("reconnect", "none"));
        }
      }
      assertThat(bridge.metric("longspan_tokens_refused_total"))
          .isEqualTo(3.0 * badTokens().size());
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aValidTokenAuthenticatesItsUserWithItsRoles(Transport transport) {
    try (TestBridge bridge = bridgeWith(settings());
        RawBayeuxClient carol =
            bearer(bridge, transport, token("carol", "trader", "ops")).handshake()) {
      assertThat(carol.userChannel()).startsWith("/anzo/user/carol/");
      assertThat(carol.connect()).containsEntry("userRoles", "trader\nops");
    }
  }

  @Test
  default void aSocketWithoutCredentialsAcceptsOnlyAHandshakeWithAValidToken() {
    try (TestBridge bridge = bridgeWith(settings());
        RawBayeuxClient victim = bearer(bridge, Transport.WEBSOCKET, token("alice")).connected();
        RawBayeuxClient thief = anonymous(bridge, Transport.WEBSOCKET);
        RawBayeuxClient page = anonymous(bridge, Transport.WEBSOCKET)) {
      assertThat(thief.tryHandshake())
          .containsEntry("successful", false)
          .containsEntry("error", "403::handshake_denied");
      thief.useClientId(victim.clientId());
      assertThat(connect(thief).get("error")).asString().startsWith("402");
      assertThat(
              thief
                  .publish("/anzo/bridge", message("destination", "chat/a", "body", "x"))
                  .get("error"))
          .asString()
          .startsWith("402");
      assertThat(connect(thief, "ext", ext(token("bob"))).get("error"))
          .asString()
          .startsWith("402");
      page.connected("ext", ext(token("carol", "trader")));
      assertThat(page.userChannel()).startsWith("/anzo/user/carol/");
      assertThat(page.subscribe("prices/x/y")).containsEntry("status", "success");
    }
  }

  @Test
  default void aSocketWithoutASignInIsClosed() {
    try (TestBridge bridge = bridgeWith(settings());
        WebSocketClient nobody = (WebSocketClient) anonymous(bridge, Transport.WEBSOCKET)) {
      nobody.tryHandshake();
      assertThat(RawBayeuxClient.await(nobody.closeCode())).isEqualTo(1008);
    }
  }

  @Test
  default void withoutConfiguredKeysEveryTokenIsRejected() {
    for (Transport transport : Transport.values()) {
      try (RawBayeuxClient header = bearer(bridge(), transport, token("alice"));
          RawBayeuxClient nobody = anonymous(bridge(), transport)) {
        assertThatThrownBy(header::tryHandshake).hasStackTraceContaining("401");
        assertThatThrownBy(() -> nobody.tryHandshake("ext", ext(token("alice"))))
            .hasStackTraceContaining("401");
      }
    }
    try (RawBayeuxClient alice = bridge().client(Transport.WEBSOCKET, "alice")) {
      assertThat(alice.tryHandshake("ext", ext(token("alice")))).containsEntry("successful", false);
    }
  }

  @Test
  default void overLongPollingATokenInAMessageIsIgnored() {
    try (TestBridge bridge = bridgeWith(settings());
        RawBayeuxClient nobody = anonymous(bridge, Transport.LONG_POLLING)) {
      assertThatThrownBy(() -> nobody.tryHandshake("ext", ext(token("alice"))))
          .hasStackTraceContaining("401");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSilentListenerEndsWithItsToken(Transport transport) throws Exception {
    try (TestBridge bridge = bridgeWith(settings());
        TestService service =
            new TestService(broker().connectionFactory()).watch("bridge/clients");
        RawBayeuxClient alice =
            bearer(bridge, transport, tokenFor(Duration.ofSeconds(4), "alice")).connected()) {
      TestHooks.awaitHeldPoll(alice);
      SessionEndings.awaitEnd(alice, "tokenExpired");
      service.awaitText(alice.clientId(), "\"tokenExpired\"");
      if (transport == Transport.WEBSOCKET) {
        assertThat(connect(alice).get("error")).asString().startsWith("402");
        assertThat(alice.tryHandshake()).containsEntry("successful", false);
      } else {
        assertThatThrownBy(() -> connect(alice)).hasStackTraceContaining("401");
      }
    }
  }

  /** Made-up key ids make the bridge ask an issuer that does not answer; its users go on. */
  @Test
  default void anUnreachableIssuerDelaysNobodyWhoseKeyIsKnown() throws Exception {
    java.util.concurrent.CountDownLatch end = new java.util.concurrent.CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    java.util.concurrent.ExecutorService threads =
        java.util.concurrent.Executors.newCachedThreadPool();
    HttpServer issuer =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.setExecutor(threads);
    issuer.createContext(
        "/jwks",
        exchange -> {
          try (exchange) {
            if (asked.incrementAndGet() > 1) {
              end.await();
            }
            byte[] body =
                TokenIssuer.jwks(TokenIssuer.RSA, TokenIssuer.EC).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
          } catch (InterruptedException x) {
            Thread.currentThread().interrupt();
          }
        });
    issuer.start();
    String url = "http://127.0.0.1:" + issuer.getAddress().getPort() + "/jwks";
    try (TestBridge bridge = bridgeWith(settings("tokens.keys", url))) {
      JWSHeader unknown = new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("made-up").build();
      String forged = sign(claims("alice").build(), unknown, TokenIssuer.OTHER_RSA);
      for (Transport transport : Transport.values()) {
        try (RawBayeuxClient alice = bearer(bridge, transport, token("alice")).connected()) {
          Awaitility.await()
              .until(
                  () -> {
                    try (RawBayeuxClient thief = bearer(bridge, transport, forged)) {
                      assertThatThrownBy(thief::tryHandshake).hasStackTraceContaining("401");
                    }
                    return asked.get() > 1;
                  });
          assertThat(publish(alice)).containsEntry("successful", true);
          bearer(bridge, transport, token("bob")).connected().close();
        }
      }
    } finally {
      end.countDown();
      issuer.stop(0);
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aNewerTokenOfTheSameUserKeepsTheSessionAndBringsItsRoles(Transport transport) {
    String first = tokenFor(Duration.ofSeconds(8), "alice", "trader");
    try (TestBridge bridge = bridgeWith(settings());
        RawBayeuxClient measure = bearer(bridge, transport, first).connected();
        RawBayeuxClient alice = bearer(bridge, transport, first).connected()) {
      String newer = token("alice", "ops");
      alice.withAuthorization("Bearer " + newer);
      assertThat(publish(alice, "ext", ext(newer))).containsEntry("successful", true);
      assertThat(alice.connect()).containsEntry("userRoles", "ops");
      SessionEndings.awaitEnd(measure, "tokenExpired");
      assertThat(alice.send("chat/a", Map.of(), "still here")).containsEntry("successful", true);
      assertThat(alice.data()).noneMatch(d -> "sessionEnded".equals(d.get("type")));
      // An older one that is still good takes nothing back.
      if (transport == Transport.WEBSOCKET) {
        publish(alice, "ext", ext(tokenFor(Duration.ofMinutes(1), "alice", "trader")));
        assertThat(alice.connect()).containsEntry("userRoles", "ops");
      }
    }
  }

  @Test
  default void overWebSocketATokenCanComeWithMetaConnect() {
    try (TestBridge bridge = bridgeWith(settings());
        RawBayeuxClient alice =
            anonymous(bridge, Transport.WEBSOCKET)
                .connected("ext", ext(tokenFor(Duration.ofMinutes(1), "alice", "trader")))) {
      assertThat(connect(alice, "ext", ext(token("alice", "ops"))))
          .containsEntry("successful", true);
      assertThat(alice.connect()).containsEntry("userRoles", "ops");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aTokenOfAnotherUserRenewsNothing(Transport transport) {
    try (TestBridge bridge = bridgeWith(settings());
        RawBayeuxClient alice =
            bearer(bridge, transport, tokenFor(Duration.ofSeconds(8), "alice", "trader"))
                .connected()) {
      String bobs = token("bob", "sysadmin");
      if (transport == Transport.WEBSOCKET) {
        assertThat(publish(alice, "ext", ext(bobs)))
            .containsEntry("successful", false)
            .containsEntry("error", "401::invalid_token");
        assertThat(alice.tryHandshake("ext", ext(bobs))).containsEntry("successful", false);
      } else {
        try (RawBayeuxClient thief = bearer(bridge, transport, bobs)) {
          thief.useClientId(alice.clientId());
          assertThat(connect(thief).get("error")).asString().startsWith("402");
        }
      }
      assertThat(alice.connect()).containsEntry("userRoles", "trader");
      SessionEndings.awaitEnd(alice, "tokenExpired");
    }
  }

  @Test
  default void credentialsOfTwoKindsAreNeverMixedIntoOneUser() throws Exception {
    try (TestBridge bridge = bridgeWith(settings());
        RawBayeuxClient basicAndToken = bridge.client(Transport.WEBSOCKET, "alice")) {
      assertThat(basicAndToken.tryHandshake("ext", ext(token("bob"))))
          .containsEntry("error", "401::invalid_token");
      assertThat(basicAndToken.tryHandshake("ext", ext("wrong")))
          .containsEntry("error", "401::invalid_token");
      basicAndToken.connected("ext", ext(token("alice", "ops")));
      assertThat(basicAndToken.connect()).containsEntry("userRoles", "ops");
      String answer =
          RawHttp.exchange(
              bridge.cometd(),
              "127.0.0.1",
              List.of(
                  "Authorization: " + RawBayeuxClient.basic("alice", "alice"),
                  "Authorization: Bearer " + token("bob")),
              "[{\"channel\":\"/meta/handshake\",\"version\":\"1.0\",\"supportedConnectionTypes\":[\"long-polling\"]}]");
      assertThat(answer).startsWith("HTTP/1.1 401");
    }
  }

  /** Several tokens in one request cost no more than one. */
  @Test
  default void onlyOneTokenOfARequestIsValidated() {
    try (TestBridge bridge = bridgeWith(settings());
        RawBayeuxClient alice = bearer(bridge, Transport.WEBSOCKET, token("alice")).connected()) {
      List<Map<String, Object>> messages = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        messages.add(
            message(
                "channel",
                "/anzo/bridge",
                "ext",
                ext(token("alice")),
                "data",
                message("destination", "chat/a", "body", "x")));
      }
      List<Object> successes =
          alice.startAll(messages).stream()
              .map(reply -> RawBayeuxClient.await(reply).get("successful"))
              .toList();
      assertThat(successes).containsExactly(true, false, false);
    }
  }

  @Test
  default void aKeyInsideATokenIsNotUsed() {
    try (TestBridge bridge = bridgeWith(settings())) {
      JWSHeader own =
          new JWSHeader.Builder(JWSAlgorithm.RS256)
              .jwk(TokenIssuer.OTHER_RSA.toPublicJWK())
              .build();
      String forged = sign(claims("alice", "sysadmin").build(), own, TokenIssuer.OTHER_RSA);
      try (RawBayeuxClient thief = bearer(bridge, Transport.LONG_POLLING, forged)) {
        assertThatThrownBy(thief::tryHandshake).hasStackTraceContaining("401");
      }
    }
  }
}
