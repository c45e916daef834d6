package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static io.longspan.wire.WireTarget.unique;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connecting with the handshake (protocol section 12). */
interface HandshakeConnectTests extends WireTarget {

  /** Shakes hands with {@code ext.bridge.connect}. */
  static Map<String, Object> handshake(RawBayeuxClient client, Object connect) {
    Map<String, Object> reply =
        client.tryHandshake("ext", Map.of("bridge", Map.of("connect", connect)));
    client.useClientId((String) reply.get("clientId"));
    return reply;
  }

  static Map<String, Object> connect(Object... moreFields) {
    Map<String, Object> connect = message("correlationId", "c-0", "protocolVersion", "1.1");
    connect.putAll(message(moreFields));
    return connect;
  }

  static Map<String, Object> poll(RawBayeuxClient client) {
    return RawBayeuxClient.await(startPoll(client));
  }

  static CompletableFuture<Map<String, Object>> startPoll(RawBayeuxClient client) {
    return client.start(
        message(
            "channel",
            "/meta/connect",
            "connectionType",
            client.connectionType(),
            "advice",
            Map.of("timeout", 0)));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> ext(Map<String, Object> reply) {
    return (Map<String, Object>) ((Map<String, Object>) reply.get("ext")).get("bridge");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aClientIsConnectedAndSubscribedAfterTwoMessages(Transport transport) {
    String topic = unique("chat/a");
    try (RawBayeuxClient alice = bridge().client(transport, "alice");
        TestService service = service()) {
      Map<String, Object> reply =
          handshake(alice, connect("topics", List.of(topic, "prices/closed/X")));
      assertThat(ext(reply)).containsEntry("connecting", true);
      assertThat(poll(alice)).containsEntry("successful", true);
      if (transport == Transport.WEBSOCKET) {
        alice.awaitData(data -> "topicSubscribe".equals(data.get("type")));
      }
      // Over long polling both answers are in the reply to the first poll.
      assertThat(alice.data()).hasSize(2);
      assertThat(alice.data().get(0))
          .containsEntry("correlationId", "c-0")
          .containsEntry("status", "connected")
          .containsEntry("bridgeId", "bridge-1")
          .containsEntry("seq", 1);
      assertThat(alice.data().get(1))
          .containsEntry("correlationId", "c-0")
          .containsEntry("type", "topicSubscribe")
          .containsEntry("status", "failed")
          .containsEntry("failedTopics", List.of("prices/closed/X"));
      alice.startPolling();
      service.publish(topic, session -> session.createTextMessage("news"));
      alice.awaitData(data -> "news".equals(data.get("body")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aMessageRightAfterTheHandshakeIsHandledAfterTheConnect(Transport transport) {
    String queue = unique("services/s");
    try (TestService service = service().serve(queue, TestService::echo);
        RawBayeuxClient alice = bridge().client(transport, "alice")) {
      handshake(alice, connect());
      assertThat(alice.send(queue, Map.of("JMSCorrelationID", "r-1"), "hello"))
          .containsEntry("successful", true);
      alice.startPolling();
      assertThat(alice.awaitAnswer("r-1")).containsEntry("body", "hello");
      assertThat(alice.data().get(0)).containsEntry("status", "connected");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSessionIsResumedWithTheHandshake(Transport transport) {
    try (RawBayeuxClient lost = bridge().client(transport, "alice").handshake();
        RawBayeuxClient alice = bridge().client(transport, "alice")) {
      Object token = lost.connect().get("resumeToken");
      handshake(alice, connect("resume", Map.of("token", token, "seq", 1)));
      alice.startPolling();
      assertThat(alice.awaitData(data -> "c-0".equals(data.get("correlationId"))))
          .containsEntry("status", "connected")
          .containsEntry("resumed", true);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aRefusedConnectIsOneAnswerAndTheSessionStays(Transport transport) {
    List<Map<String, Object>> wrong =
        List.of(
            connect("protocolVersion", "9", "topics", List.of("chat/a")),
            connect("topics", "chat/a"),
            connect("topics", List.of("chat/a"), "durable", "d/e"),
            connect("topics", List.of("chat/a"), "presence", "yes"),
            connect("resume", "x"));
    for (Map<String, Object> connect : wrong) {
      try (RawBayeuxClient alice = bridge().client(transport, "alice")) {
        assertThat(handshake(alice, connect)).containsEntry("successful", true);
        alice.startPolling();
        assertThat(alice.awaitData(data -> "c-0".equals(data.get("correlationId"))))
            .containsEntry("status", "failed")
            .hasEntrySatisfying(
                "errorCode", code -> assertThat(code).isIn("unsupportedVersion", "badRequest"));
        assertThat(alice.connect()).containsEntry("status", "connected");
        assertThat(alice.data()).hasSize(2);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aHandshakeThatCannotBeAnsweredIsRefused(Transport transport) {
    for (Object connect :
        List.of(
            "connect",
            List.of(),
            Map.of("protocolVersion", "1.1"),
            connect("correlationId", ""),
            connect("correlationId", 7))) {
      try (RawBayeuxClient alice = bridge().client(transport, "alice")) {
        assertThat(handshake(alice, connect))
            .containsEntry("successful", false)
            .hasEntrySatisfying(
                "error", error -> assertThat(error).asString().startsWith("400::badRequest:"));
      }
    }
  }
}
