package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One user wants all there is; alice floods, bob is served. */
interface FloodAttacks extends AttackTarget {
  private static void assertServes(RawBayeuxClient bob) {
    assertThat(bob.send("chat/bob", Map.of(), "still here")).containsEntry("successful", true);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theHandshakesOfAUserAreLimited(Transport transport) {
    try (TestBridge own = bridgeWith("limits.sessionsPerUser", "1");
        RawBayeuxClient alice = own.client(transport, "alice")) {
      Map<String, Object> refused =
          Awaitility.await()
              .pollDelay(java.time.Duration.ZERO)
              .pollInterval(java.time.Duration.ofNanos(1))
              .until(
                  () -> {
                    Map<String, Object> reply = alice.tryHandshake();
                    if (Boolean.TRUE.equals(reply.get("successful"))) {
                      alice.exchange(
                          message(
                              "channel", "/meta/disconnect", "clientId", reply.get("clientId")));
                    }
                    return reply;
                  },
                  reply ->
                      "403::limitExceeded: too many handshakes of this user"
                          .equals(reply.get("error")));
      assertThat(refused.get("advice")).asString().contains("reconnect=handshake", "interval=1000");
      try (RawBayeuxClient bob = own.connected(transport, "bob")) {
        assertServes(bob);
      }
    }
  }

  /** Alice shakes hands without end, and connects none of her clients; bob never has to wait. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aUserWhoShakesHandsWithoutEndKeepsNobodyOut(Transport transport) {
    List<RawBayeuxClient> alices = new ArrayList<>();
    try (TestBridge own =
        bridgeWith(
            "limits.handshakesAtOnce", "4",
            "limits.handshakesWaiting", "4",
            "limits.sessionsPerUser", "1000")) {
      List<CompletableFuture<Map<String, Object>>> flood = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        RawBayeuxClient alice = own.client(transport, "alice");
        alices.add(alice);
        for (int j = 0; j < 20; j++) {
          flood.add(
              alice.start(
                  message(
                      "channel",
                      "/meta/handshake",
                      "version",
                      "1.0",
                      "supportedConnectionTypes",
                      List.of(alice.connectionType()))));
        }
      }
      for (int i = 0; i < 5; i++) {
        try (RawBayeuxClient bob = own.connected(transport, "bob")) {
          assertServes(bob);
        }
      }
      Map<String, Object> postponed =
          Awaitility.await()
              .until(
                  () ->
                      flood.stream()
                          .filter(reply -> reply.isDone() && !reply.isCompletedExceptionally())
                          .map(CompletableFuture::join)
                          .filter(reply -> "503::busy".equals(reply.get("error")))
                          .findFirst(),
                  Optional::isPresent)
              .orElseThrow();
      assertThat(postponed).containsEntry("successful", false).doesNotContainKey("clientId");
      assertThat(postponed.get("advice")).asString().contains("reconnect=handshake", "interval=");
      assertThat(own.metric("longspan_handshakes_postponed_total")).isPositive();
      alices.forEach(RawBayeuxClient::cut);
      Awaitility.await()
          .until(
              () ->
                  own.metric("longspan_handshakes_in_progress")
                          + own.metric("longspan_handshakes_waiting")
                      == 0);
    } finally {
      alices.forEach(RawBayeuxClient::cut);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aPublishFloodIsPartlyRejectedAndDelaysNobody(Transport transport) {
    try (TestBridge own = bridgeWith("limits.messagesPerSecond", "10");
        RawBayeuxClient alice = own.connected(transport, "alice");
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      List<Map<String, Object>> flood =
          Collections.nCopies(
              500,
              message(
                  "channel",
                  "/anzo/bridge",
                  "data",
                  message("destination", "chat/a", "body", "x")));
      List<CompletableFuture<Map<String, Object>>> replies = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        replies.addAll(alice.startAll(flood));
      }
      assertServes(bob);
      List<Map<String, Object>> all = replies.stream().map(RawBayeuxClient::await).toList();
      assertThat(all)
          .anyMatch(reply -> String.valueOf(reply.get("error")).startsWith("limitExceeded:"))
          .anyMatch(reply -> Boolean.TRUE.equals(reply.get("successful")));
      assertServes(bob);
    }
  }

  private static boolean isOverLimit(RawBayeuxClient client) {
    return client.data().stream().anyMatch(d -> "limitExceeded".equals(d.get("errorCode")));
  }

  /** Refusing costs less than reading, and nobody is refused who sends nothing of the kind. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void malformedAndMisdirectedMessagesCountAsWell(Transport transport) {
    try (TestBridge own = bridgeWith("limits.messagesPerSecond", "10");
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      try (RawBayeuxClient alice = own.connected(transport, "alice")) {
        alice
            .startAll(
                Collections.nCopies(200, message("channel", "/anzo/control", "data", "malformed")))
            .forEach(RawBayeuxClient::await);
        Awaitility.await().until(() -> isOverLimit(alice));
        assertServes(bob);
      }
      for (String channel : List.of("/anzo/other", "/meta/subscribe", "/meta/unsubscribe")) {
        try (RawBayeuxClient alice = own.connected(transport, "alice")) {
          List<CompletableFuture<Map<String, Object>>> replies =
              alice.startAll(
                  Collections.nCopies(
                      200, message("channel", channel, "subscription", "/x", "data", Map.of())));
          assertThat(replies.stream().map(RawBayeuxClient::await))
              .as(channel)
              .allMatch(reply -> !Boolean.TRUE.equals(reply.get("successful")))
              .anyMatch(reply -> String.valueOf(reply.get("error")).startsWith("limitExceeded:"));
          assertServes(bob);
        }
      }
    }
  }

  /**
   * Alice asks for many unknown names of a service that answers 500 questions a second; bob's new
   * subscription is answered, and the one that he has survives an event.
   */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void questionsOfOneUserDelayNobodyElse(Transport transport) {
    String name = "namedgraphs/q" + System.nanoTime();
    List<RawBayeuxClient> attackers = new ArrayList<>();
    try (TestBridge own = bridgeWith();
        TestService source = new TestService(broker().connectionFactory());
        AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker().connectionFactory());
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      assertThat(bob.subscribe(name + "-bob")).containsEntry("status", "success");
      authorization.takeForEach(2);
      for (int i = 0; i < 6; i++) {
        RawBayeuxClient alice = own.connected(transport, "alice");
        attackers.add(alice);
        for (int j = 0; j < 3; j++) {
          List<String> topics = new ArrayList<>();
          for (int k = 0; k < 1000; k++) {
            topics.add("%s-%d-%d-%d".formatted(name, i, j, k));
          }
          alice.publish(
              "/anzo/control",
              message("correlationId", "f" + j, "type", "topicSubscribe", "topics", topics));
        }
      }
      for (int i = 0; i < 3; i++) {
        assertThat(bob.subscribe(name + "-bob" + i)).containsEntry("status", "success");
        authorization.announce(name + "-bob");
      }
      source.publish(name + "-bob", session -> session.createTextMessage("still"));
      bob.awaitData(data -> "still".equals(data.get("body")));
      assertThat(bob.data()).noneMatch(data -> "topicUnsubscribed".equals(data.get("type")));
      Awaitility.await().until(() -> own.metric("longspan_authorization_unasked_total") > 0);
    } finally {
      attackers.forEach(RawBayeuxClient::cut);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSilentAuthorisationServiceDelaysOnlyThoseWhoseRightsItDecides(Transport transport) {
    List<RawBayeuxClient> waiting = new ArrayList<>();
    try (RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      // More than there are threads for commands.
      for (int i = 0; i < 2 + 2 * Runtime.getRuntime().availableProcessors(); i++) {
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        waiting.add(alice);
        alice.publish(
            "/anzo/control",
            message(
                "correlationId", "stuck",
                "type", "topicSubscribe",
                "topics", List.of("namedgraphs/(silent" + i + ")")));
      }
      assertServes(bob);
      assertThat(bob.subscribe("chat/bob")).containsEntry("status", "success");
      assertThat(waiting)
          .allSatisfy(
              alice ->
                  assertThat(alice.data())
                      .noneMatch(data -> "stuck".equals(data.get("correlationId"))));
    } finally {
      waiting.forEach(RawBayeuxClient::cut);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSubscriptionFloodEndsAtTheLimitAndDelaysNobody(Transport transport) {
    try (TestBridge own = bridgeWith("limits.topicsPerClient", "50");
        RawBayeuxClient alice = own.connected(transport, "alice");
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      List<CompletableFuture<Map<String, Object>>> replies = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        List<String> topics = new ArrayList<>();
        for (int j = 0; j < 50; j++) {
          topics.add("chat/" + i + "-" + j);
        }
        replies.add(
            alice.start(
                message(
                    "channel",
                    "/anzo/control",
                    "data",
                    message(
                        "correlationId", "f" + i, "type", "topicSubscribe", "topics", topics))));
      }
      assertThat(bob.subscribe("chat/bob")).containsEntry("status", "success");
      assertServes(bob);
      replies.forEach(RawBayeuxClient::await);
      assertThat(alice.awaitData(data -> "f39".equals(data.get("correlationId"))))
          .containsEntry("errorCode", "limitExceeded");
      assertThat(own.metric("longspan_subscriptions")).isLessThanOrEqualTo(51);
    }
  }

  @Test
  default void theConnectionsOfAnAddressAreLimited() {
    try (TestBridge own = bridgeWith("limits.connectionsPerAddress", "4")) {
      List<RawHttp> held = new ArrayList<>();
      try {
        // The test's own look at the bridge's health may still hold one.
        Awaitility.await()
            .until(
                () -> {
                  RawHttp http = RawHttp.to(own, "127.0.0.2");
                  held.add(http);
                  return held.size() == 4;
                });
        held.forEach(http -> assertThat(upgraded(http)).isTrue());
        try (RawHttp fifth = RawHttp.to(own, "127.0.0.2")) {
          fifth.awaitEnd();
        }
        try (RawHttp other = RawHttp.to(own, "127.0.0.3")) {
          assertThat(upgraded(other)).isTrue();
        }
        held.remove(0).close();
        Awaitility.await()
            .until(
                () -> {
                  RawHttp next = RawHttp.to(own, "127.0.0.2");
                  held.add(next);
                  return upgraded(next);
                });
      } finally {
        held.forEach(RawHttp::close);
      }
      Awaitility.await().until(() -> own.metric("longspan_connections_refused_total") >= 1);
    }
  }

  private static boolean upgraded(RawHttp http) {
    try {
      return http.upgrade(CrossSiteAttacks.ALICE).status() == 101;
    } catch (java.io.UncheckedIOException refused) {
      return false;
    }
  }
}
