package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Somebody whom the realm has let in wants more of it, or for longer, than it gives. */
interface CredentialAttacks extends AttackTarget {

  private static RawBayeuxClient page(TestBridge bridge, Transport transport, String cookie) {
    return SignInAttacks.page(bridge, transport, cookie).connected();
  }

  private static String signedIn(TestBridge bridge, String user) throws Exception {
    return SignInAttacks.cookie(SignInAttacks.signIn(bridge, user));
  }

  private static String whoIs(TestBridge bridge, String cookie) {
    return RawHttp.get(bridge.uri("login"), "127.0.0.1", "Cookie: " + cookie);
  }

  private static double signInBytes(TestBridge bridge) {
    return bridge.metric("longspan_budget_bytes{purpose=\"sign_ins\"}");
  }

  /** Neither an old cookie nor an open connection shakes hands again. */
  private static void assertShutOut(Transport transport, RawBayeuxClient client) {
    if (transport == Transport.WEBSOCKET) {
      assertThat(client.tryHandshake()).containsEntry("successful", false);
    } else {
      assertThatThrownBy(client::tryHandshake).hasStackTraceContaining("401");
    }
  }

  private static void assertServed(RawBayeuxClient client) {
    assertThat(SignInAttacks.hello(client)).containsEntry("successful", true);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theSignInsOfAUserAreLimitedAndTheOldestEnds(Transport transport) throws Exception {
    try (TestBridge own = bridgeWith("limits.signInsPerUser", "3")) {
      String bob = signedIn(own, "bob");
      String oldest = signedIn(own, "alice");
      String kept = signedIn(own, "alice");
      // A sign-in that is renewed is no longer the oldest.
      oldest = renewed(own, oldest);
      try (RawBayeuxClient page = page(own, transport, kept);
          RawBayeuxClient renewed = page(own, transport, oldest);
          RawBayeuxClient other = page(own, transport, bob)) {
        double two = signInBytes(own);
        TestHooks.awaitHeldPoll(page);
        signedIn(own, "alice");
        signedIn(own, "alice");
        SessionEndings.awaitEnd(page, "signInLimit");
        assertThat(whoIs(own, kept)).endsWith("{}");
        assertServed(renewed);
        for (int i = 0; i < 50; i++) {
          signedIn(own, "alice");
        }
        assertThat(signInBytes(own)).isEqualTo(two / 3 * 4);
        assertThat(own.metric("longspan_signins_displaced_total")).isEqualTo(51);
        assertServed(other);
      }
    }
  }

  private static String renewed(TestBridge bridge, String cookie) throws Exception {
    return SignInAttacks.cookie(SignInAttacks.signIn(bridge, "alice", "Cookie: " + cookie));
  }

  @Test
  default void signInsAreChargedToTheirUserAndReleased() throws Exception {
    try (TestBridge own = bridgeWith("limits.userBytes", "64KiB")) {
      for (int i = 0; i < 100; i++) {
        signedIn(own, "alice");
      }
      // The account is full, and one more takes the place of the oldest.
      assertThat(signInBytes(own)).isEqualTo(64 << 10);
      String bob = signedIn(own, "bob");
      SignInAttacks.logout(own, bob);
      assertThat(signInBytes(own)).isEqualTo(64 << 10);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSignInExpiresEvenIfItIsUsed(Transport transport) throws Exception {
    try (TestBridge own = bridgeWith("session.signInLifetime", "6s", "session.timeout", "500ms")) {
      String cookie = signedIn(own, "alice");
      try (RawBayeuxClient alice = page(own, transport, cookie);
          RawBayeuxClient another = own.connected(transport, "alice")) {
        Awaitility.await()
            .pollInterval(Duration.ofMillis(200))
            .until(
                () ->
                    whoIs(own, cookie).endsWith("{}")
                        && (alice.pollRefused()
                            || alice.data().stream()
                                .anyMatch(d -> "sessionEnded".equals(d.get("type")))));
        SessionEndings.awaitEnd(alice, "credentialEnded");
        assertShutOut(transport, alice);
        assertServed(another);
        Awaitility.await().until(() -> signInBytes(own) == 0);
      }
    }
  }

  /** By an operator's request, and by a message on the topic of commands. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aUserThatAnOperatorDisconnectsMustSignInAgain(Transport transport) throws Exception {
    try (TestBridge own = bridgeWith(TokenIssuer.settings());
        TestService service = new TestService(broker().connectionFactory());
        RawBayeuxClient other = page(own, transport, signedIn(own, "bob"))) {
      for (boolean byMessage : List.of(false, true)) {
        String cookie = signedIn(own, "alice");
        List<RawHttp> spare =
            List.of(
                opened(own, CrossSiteAttacks.ALICE),
                opened(own, "Authorization: Bearer " + TokenIssuer.token("alice")),
                opened(own, "Cookie: " + cookie));
        try (RawBayeuxClient alice = page(own, transport, cookie)) {
          disconnect(own, service, byMessage);
          Awaitility.await().until(() -> whoIs(own, cookie).endsWith("{}"));
          if (transport == Transport.WEBSOCKET) {
            ((WebSocketClient) alice).closeCode().get(120, TimeUnit.SECONDS);
          } else {
            assertShutOut(transport, alice);
          }
          // Connections from before, without a session yet.
          for (RawHttp http : spare) {
            assertThat(shakeHands(http)).contains("\"successful\":false");
          }
          assertThat(signInBytes(own)).isEqualTo(2048);
          assertServed(other);
          // Who can still prove himself begins anew.
          try (RawBayeuxClient again = page(own, transport, signedIn(own, "alice"))) {
            assertServed(again);
          }
          disconnect(own, service, byMessage);
          Awaitility.await().until(() -> signInBytes(own) == 2048);
        } finally {
          spare.forEach(RawHttp::close);
        }
      }
    }
  }

  private static RawHttp opened(TestBridge bridge, String credentials) {
    RawHttp http = RawHttp.to(bridge);
    assertThat(http.upgrade(credentials).status()).isEqualTo(101);
    return http;
  }

  private static String shakeHands(RawHttp http) {
    http.frame(true, false, RawHttp.TEXT, CrossSiteAttacks.HANDSHAKE);
    return new String(http.awaitFrame(RawHttp.TEXT).payload(), StandardCharsets.UTF_8);
  }

  private static void disconnect(TestBridge bridge, TestService service, boolean byMessage) {
    if (byMessage) {
      service.publish(
          "bridge/commands",
          session -> {
            var command = session.createTextMessage();
            command.setStringProperty("command", "disconnectUser");
            command.setStringProperty("user", "alice");
            return command;
          });
      return;
    }
    RawHttp.Answer answer =
        RawHttp.exchange(
            bridge,
            "POST",
            "/admin/disconnect",
            Map.of(
                "Content-Type", "application/json",
                "X-Longspan-Operator", "1",
                "Authorization", RawBayeuxClient.basic("root", "root")),
            "{\"user\":\"alice\"}");
    assertThat(answer.status()).isEqualTo(200);
  }

  /** A user who has a cookie and no client can be disconnected as well. */
  @Test
  default void aUserWithOnlyACookieCanBeDisconnectedOnce() throws Exception {
    try (TestBridge own = bridgeWith();
        TestService service = new TestService(broker().connectionFactory())) {
      String cookie = signedIn(own, "alice");
      disconnect(own, service, false);
      assertThat(whoIs(own, cookie)).endsWith("{}");
      assertThatThrownBy(() -> disconnect(own, service, false)).hasMessageContaining("404");
    }
  }

  @Test
  default void aSocketIsClosedAfterItsUserIsDisconnected() throws Exception {
    try (TestBridge own = bridgeWith();
        TestService service = new TestService(broker().connectionFactory());
        RawHttp alice = opened(own, CrossSiteAttacks.ALICE);
        WebSocketClient bob = (WebSocketClient) own.connected(Transport.WEBSOCKET, "bob")) {
      disconnect(own, service, false);
      assertThat(alice.awaitFrame(RawHttp.CLOSE).closeCode()).isEqualTo(1008);
      assertThat(bob.closeCode()).isNotDone();
      assertServed(bob);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aUserRemovedFromTheRealmLosesEverySignInAndSession(Transport transport)
      throws Exception {
    try (TestBridge own = bridgeWith()) {
      String cookie = signedIn(own, "alice");
      try (RawBayeuxClient page = page(own, transport, cookie);
          RawBayeuxClient basic = own.connected(transport, "alice");
          RawBayeuxClient other = page(own, transport, signedIn(own, "bob"))) {
        own.writeUsers(TestBridge.USERS.replace("alice:", "alicia:"));
        for (RawBayeuxClient client : List.of(page, basic)) {
          SessionEndings.awaitEnd(client, "credentialEnded");
          assertShutOut(transport, client);
        }
        assertThat(whoIs(own, cookie)).endsWith("{}");
        assertThat(SignInAttacks.signIn(own, "alice")).startsWith("HTTP/1.1 401");
        assertServed(other);
        assertThat(own.metric("longspan_users_withdrawn_total")).isEqualTo(1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aChangedPasswordEndsTheSessionsOfTheOldOne(Transport transport) throws Exception {
    try (TestBridge own = bridgeWith()) {
      try (RawBayeuxClient page = page(own, transport, signedIn(own, "alice"));
          RawBayeuxClient basic = own.connected(transport, "alice")) {
        own.writeUsers(TestBridge.USERS.replace("alice: alice,", "alice: changed,"));
        for (RawBayeuxClient client : List.of(page, basic)) {
          SessionEndings.awaitEnd(client, "credentialEnded");
          assertShutOut(transport, client);
        }
        try (RawBayeuxClient again =
            transport.client(own.cometd(), "alice", "changed").connected()) {
          assertServed(again);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aRoleRemovedFromTheRealmIsWithdrawnFromSilentListenersToo(Transport transport)
      throws Exception {
    try (TestBridge own = bridgeWith()) {
      try (RawBayeuxClient page = page(own, transport, signedIn(own, "alice"));
          RawBayeuxClient basic = own.connected(transport, "alice")) {
        for (RawBayeuxClient client : List.of(page, basic)) {
          assertThat(client.subscribe("prices/xetra/ABC")).containsEntry("status", "success");
        }
        own.writeUsers(TestBridge.USERS.replace("alice,trader,editor", "alice,editor"));
        for (RawBayeuxClient client : List.of(page, basic)) {
          client.awaitData(d -> "topicUnsubscribed".equals(d.get("type")));
          assertServed(client);
        }
      }
    }
  }

  @Test
  default void aBrokenUsersFileChangesNothing() throws Exception {
    try (TestBridge own = bridgeWith()) {
      String cookie = signedIn(own, "alice");
      own.writeUsers("alice: OBF:broken\n");
      Awaitility.await()
          .during(Duration.ofSeconds(2))
          .until(() -> whoIs(own, cookie).contains("alice"));
      assertThat(SignInAttacks.signIn(own, "bob")).startsWith("HTTP/1.1 204");
      own.writeUsers("carol: carol\n");
      Awaitility.await().until(() -> whoIs(own, cookie).endsWith("{}"));
      assertThat(SignInAttacks.signIn(own, "carol")).startsWith("HTTP/1.1 204");
    }
  }
}
