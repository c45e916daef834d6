package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nobody uses another user's session, and nobody another channel than its own. */
@TestInstance(Lifecycle.PER_CLASS)
final class SessionOwnershipIT {
  private TestBridge bridge;

  @BeforeAll
  void start() {
    bridge = TestBridge.start(Map.of());
  }

  @AfterAll
  void stop() {
    bridge.close();
  }

  private RawBayeuxClient thief(Transport transport, RawBayeuxClient victim) {
    RawBayeuxClient thief = bridge.client(transport, "bob");
    thief.useClientId(victim.clientId());
    return thief;
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aStolenClientIdIsUnknownOnEveryChannelAndChangesNothing(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient thief = thief(transport, alice)) {
      List<Map<String, Object>> attempts =
          List.of(
              message("channel", "/meta/connect", "connectionType", thief.connectionType()),
              message("channel", "/meta/subscribe", "subscription", alice.userChannel()),
              message("channel", "/meta/unsubscribe", "subscription", alice.userChannel()),
              message(
                  "channel",
                  "/anzo/control",
                  "data",
                  message("type", "disconnect", "correlationId", "stolen")),
              message(
                  "channel",
                  "/anzo/bridge",
                  "data",
                  message("destination", "chat/a", "body", "stolen")),
              message("channel", "/meta/disconnect"));
      for (Map<String, Object> attempt : attempts) {
        Map<String, Object> reply = thief.exchange(attempt);
        assertThat(reply).containsEntry("successful", false);
        assertThat(reply.get("error")).asString().startsWith("402");
        assertThat(String.valueOf(reply.get("advice"))).contains("reconnect=handshake");
      }
      assertThat(alice.subscribe("chat/a")).containsEntry("status", "success");
      alice.send("chat/a", Map.of(), "still here");
      alice.awaitData(d -> "still here".equals(d.get("body")));
      assertThat(alice.data()).noneMatch(d -> "stolen".equals(d.get("correlationId")));
      assertThat(thief.received()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aStolenClientIdAmongOnesOwnMessagesIsUnknownToo(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      alice.subscribe("chat/own");
      Map<String, Object> forged =
          message(
              "channel", "/anzo/bridge",
              "clientId", alice.clientId(),
              "data", message("destination", "chat/own", "body", "forged"));
      Map<String, Object> honest =
          message(
              "channel",
              "/anzo/bridge",
              "data",
              message("destination", "chat/own", "body", "honest"));
      List<CompletableFuture<Map<String, Object>>> replies = bob.startAll(List.of(honest, forged));
      assertThat(RawBayeuxClient.await(replies.get(0))).containsEntry("successful", true);
      assertThat(RawBayeuxClient.await(replies.get(1)).get("error")).asString().startsWith("402");
      alice.awaitData(d -> "honest".equals(d.get("body")));
      assertThat(alice.data()).noneMatch(d -> "forged".equals(d.get("body")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aStolenClientIdOnAnotherTransportIsUnknown(Transport transport) {
    Transport other =
        transport == Transport.WEBSOCKET ? Transport.LONG_POLLING : Transport.WEBSOCKET;
    try (RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient thief = thief(other, alice)) {
      assertThat(
              thief
                  .exchange(
                      message("channel", "/meta/connect", "connectionType", thief.connectionType()))
                  .get("error"))
          .asString()
          .startsWith("402");
      assertThat(alice.subscribe("chat/a")).containsEntry("status", "success");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void withoutCredentialsOrWithWrongOnesThereIsNoSession(Transport transport) {
    try (RawBayeuxClient nobody = transport.client(bridge.cometd(), null, null);
        RawBayeuxClient wrong = transport.client(bridge.cometd(), "alice", "wrong")) {
      assertThatThrownBy(nobody::tryHandshake).hasStackTraceContaining("401");
      assertThatThrownBy(wrong::tryHandshake).hasStackTraceContaining("401");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aSessionSubscribesToItsOwnChannelOnly(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient other = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      for (String channel :
          List.of(
              other.userChannel(),
              bob.userChannel(),
              "/anzo/user/alice/*",
              "/anzo/user/**",
              "/**",
              "/*",
              "/anzo/control",
              "/anzo/bridge",
              "/anzo/**",
              "/meta/connect",
              "/service/x",
              alice.userChannel() + "/x")) {
        Map<String, Object> reply =
            alice.exchange(message("channel", "/meta/subscribe", "subscription", channel));
        assertThat(reply).as(channel).containsEntry("successful", false);
        assertThat(reply.get("error")).as(channel).asString().startsWith("403");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aSessionPublishesToControlAndBridgeOnly(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      for (String channel :
          List.of(
              alice.userChannel(),
              bob.userChannel(),
              "/anzo/other",
              "/anzo/control/x",
              "/anzo",
              "/service/x",
              "/chat")) {
        Map<String, Object> reply = alice.publish(channel, message("x", 1));
        assertThat(reply).as(channel).containsEntry("successful", false);
        assertThat(reply.get("error")).as(channel).asString().startsWith("403");
      }
      alice.send("chat/x", Map.of(), "x");
      assertThat(bob.data()).noneMatch(d -> d.containsKey("x"));
    }
  }
}
