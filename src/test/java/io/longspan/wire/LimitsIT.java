package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every limit of the configuration ends in {@code limitExceeded}, or before a message is parsed.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class LimitsIT {
  private ActiveMqTestBroker broker;
  private TestBridge bridge;

  @BeforeAll
  void start() {
    broker = new ActiveMqTestBroker();
    java.util.Map<String, String> settings = new java.util.HashMap<>(broker.settings());
    settings.putAll(
        Map.of(
            "limits.messageBytes", "2KiB",
            "limits.jsonDepth", "6",
            "limits.topicsPerClient", "3",
            "limits.sessionsPerUser", "2",
            "limits.requestsInFlight", "4",
            "limits.messagesPerSecond", "1000",
            "limits.queueMessages", "20"));
    bridge = TestBridge.start(settings);
  }

  @AfterAll
  void stop() {
    bridge.close();
    broker.close();
  }

  private static void assertLimit(Map<String, Object> answer) {
    assertThat(answer)
        .containsEntry("status", "failed")
        .containsEntry("errorCode", "limitExceeded");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aMessageTooLargeOrTooDeepIsRefusedAndTheConnectionLives(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertThat(
              alice
                  .send("chat/a", Map.of("JMSCorrelationID", "big"), "x".repeat(2049))
                  .get("error"))
          .asString()
          .startsWith("limitExceeded:");
      assertLimit(alice.awaitAnswer("big"));
      Object deep = List.of(List.of(List.of(List.of(List.of(List.of(1))))));
      assertThat(alice.send("chat/a", Map.of(), deep).get("error"))
          .asString()
          .startsWith("limitExceeded:");
      assertThat(alice.send("chat/a", Map.of(), "x".repeat(2000)))
          .containsEntry("successful", true);
    }
  }

  @Test
  void aRequestFarTooLargeIsNotEvenParsed() {
    LongPollingClient alice = (LongPollingClient) bridge.connected(Transport.LONG_POLLING, "alice");
    HttpResponse<String> refused = alice.post("[\"" + "x".repeat(200_000) + "\"]");
    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(refused.headers().firstValue("X-Bridge-Id")).contains("bridge-1");
    assertThat(alice.post("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[").statusCode()).isEqualTo(400);
    for (String nonsense :
        List.of(
            "nonsense",
            "[]",
            "[null]",
            "null",
            "7",
            "",
            "[{\"channel\":7}]",
            "[{\"channel\":\"/meta/connect\",\"clientId\":{}}]",
            "[{\"channel\":\"/meta/connect\",\"advice\":\"none\"}]",
            "[{\"channel\":\"/meta/connect\",\"advice\":{\"timeout\":\"x\"}}]",
            "[{\"channel\":\"/meta/handshake\",\"ext\":[]}]")) {
      assertThat(alice.post(nonsense).statusCode()).as(nonsense).isEqualTo(400);
    }
    String handshake = "{\"channel\":\"/meta/handshake\",\"version\":\"1.0\"}";
    assertThat(alice.post("[" + handshake + "," + handshake + "]").statusCode()).isEqualTo(400);
    assertThat(alice.post("{\"channel\":\"/meta/connect\",\"clientId\":\"x\"}").body())
        .contains("402");
    assertThat(alice.post("nonsense").body()).doesNotContain("Exception", "jackson");
    assertThat(alice.subscribe("chat/a")).containsEntry("status", "success");
    alice.close();
    WebSocketClient bob = new WebSocketClient(bridge.cometd(), "alice.smith", "dotted");
    bob.connected();
    bob.sendText("[\"" + "x".repeat(200_000) + "\"]");
    assertThat(RawBayeuxClient.await(bob.closeCode())).isEqualTo(1009);
    WebSocketClient nonsense = new WebSocketClient(bridge.cometd(), "alice.smith", "dotted");
    nonsense.connected();
    nonsense.sendText("nonsense");
    assertThat(RawBayeuxClient.await(nonsense.closeCode())).isEqualTo(1007);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aClientHasSoManyTopicsAndNoMore(Transport transport) {
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertLimit(alice.subscribe("chat/1", "chat/2", "chat/3", "chat/4"));
      assertThat(alice.subscribe("chat/1", "chat/2")).containsEntry("status", "success");
      assertThat(alice.subscribe("chat/3", "chat/4"))
          .containsEntry("status", "failed")
          .containsEntry("failedTopics", List.of("chat/4"));
      assertLimit(alice.subscribe("chat/5"));
      alice.control("type", "topicUnsubscribe", "topics", List.of("chat/1"));
      assertThat(alice.subscribe("chat/5")).containsEntry("status", "success");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aUserHasSoManySessionsAndNoMore(Transport transport) {
    List<RawBayeuxClient> clients = new ArrayList<>();
    try {
      clients.add(bridge.connected(transport, "root"));
      clients.add(bridge.connected(transport, "root"));
      RawBayeuxClient third = bridge.client(transport, "root").handshake();
      clients.add(third);
      assertLimit(third.connect());
      assertThat(clients.get(0).control("type", "disconnect"))
          .containsEntry("status", "disconnected");
      assertThat(third.connect()).containsEntry("status", "connected");
      clients.add(bridge.client(transport, "root").handshake());
      Map<String, Object> fifth = bridge.client(transport, "root").tryHandshake();
      assertThat(fifth).containsEntry("successful", false);
      assertThat(fifth.get("error")).asString().contains("limitExceeded");
    } finally {
      clients.forEach(client -> client.exchange(message("channel", "/meta/disconnect")));
      clients.forEach(RawBayeuxClient::close);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aSessionHasSoManyRequestsInFlightAndNoMore(Transport transport) {
    try (TestService service =
            new TestService(broker.connectionFactory())
                .serve("services/silent" + transport, (s, m) -> {});
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      String queue = "services/silent" + transport;
      for (int i = 0; i < 4; i++) {
        assertThat(alice.send(queue, Map.of("JMSCorrelationID", "r" + i), "x"))
            .containsEntry("successful", true);
      }
      assertThat(alice.send(queue, Map.of("JMSCorrelationID", "r5"), "x").get("error"))
          .asString()
          .startsWith("limitExceeded:");
      assertThat(alice.send(queue, Map.of("JMSCorrelationID", "r1", "cancel", true), ""))
          .containsEntry("successful", true);
      assertThat(alice.send(queue, Map.of("JMSCorrelationID", "r6"), "x"))
          .containsEntry("successful", true);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anAnswerMakesRoomForTheNextRequest(Transport transport) {
    try (TestService service =
            new TestService(broker.connectionFactory())
                .serve("services/prompt" + transport, TestService::echo);
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      for (int i = 0; i < 12; i++) {
        assertThat(
                alice.send("services/prompt" + transport, Map.of("JMSCorrelationID", "a" + i), "x"))
            .containsEntry("successful", true);
        alice.awaitAnswer("a" + i);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aSessionPublishesSoManyMessagesInASecondAndNoMore(Transport transport) {
    try (TestBridge slow = TestBridge.start(Map.of("limits.messagesPerSecond", "10"));
        RawBayeuxClient alice = slow.connected(transport, "alice")) {
      List<Map<String, Object>> flood =
          IntStream.range(0, 40)
              .mapToObj(
                  i ->
                      message(
                          "channel",
                          "/anzo/bridge",
                          "data",
                          message("destination", "chat/a", "body", "x")))
              .toList();
      List<Map<String, Object>> replies =
          alice.startAll(flood).stream()
              .map((CompletableFuture<Map<String, Object>> r) -> RawBayeuxClient.await(r))
              .toList();
      assertThat(replies)
          .anyMatch(reply -> String.valueOf(reply.get("error")).startsWith("limitExceeded:"))
          .anyMatch(reply -> Boolean.TRUE.equals(reply.get("successful")));
    }
  }

  @Test
  void aClientThatDoesNotReadIsEndedAndTheOthersMissNothing() {
    try (TestService service = new TestService(broker.connectionFactory()).watch("bridge/clients");
        RawBayeuxClient stalled = bridge.connected(Transport.LONG_POLLING, "alice");
        RawBayeuxClient bob = bridge.connected(Transport.WEBSOCKET, "bob")) {
      stalled.subscribe("chat/flood");
      bob.subscribe("chat/flood");
      stalled.cut();
      for (int i = 0; i < 100; i++) {
        String body = "f" + i;
        service.publish("chat/flood", session -> session.createTextMessage(body));
        bob.awaitData(d -> body.equals(d.get("body")));
      }
      service.await(
          m -> {
            try {
              String text = m.getBody(String.class);
              return text.contains(stalled.clientId()) && text.contains("slowConsumer");
            } catch (jakarta.jms.JMSException x) {
              throw new IllegalStateException(x);
            }
          });
    }
  }

  @Test
  void aConfiguredLimitIsToldToTheClient() {
    try (RawBayeuxClient alice = bridge.client(Transport.WEBSOCKET, "alice").handshake()) {
      assertThat(String.valueOf(alice.connect().get("limits")))
          .contains("messageBytes=2048", "topicsPerClient=3", "requestsInFlight=4");
    }
  }

  @Test
  void aQueueOfTooManyBytesEndsTheClientToo() {
    try (TestBridge small = TestBridge.start(withBroker(Map.of("limits.queueBytes", "64KiB")));
        TestService service = new TestService(broker.connectionFactory());
        RawBayeuxClient stalled = small.connected(Transport.LONG_POLLING, "alice")) {
      stalled.subscribe("chat/bytes");
      stalled.cut();
      // The first may be on its way already, in the answer to a poll that nobody reads.
      for (int i = 0; i < 4; i++) {
        service.publish("chat/bytes", session -> session.createTextMessage("x".repeat(40_000)));
      }
      Awaitility.await()
          .until(
              () -> {
                try (RawBayeuxClient again = small.client(Transport.LONG_POLLING, "alice")) {
                  again.useClientId(stalled.clientId());
                  Map<String, Object> reply =
                      again.exchange(
                          message("channel", "/meta/unsubscribe", "subscription", "/none"));
                  return String.valueOf(reply.get("error")).equals("402::slowConsumer");
                }
              });
    }
  }

  private Map<String, String> withBroker(Map<String, String> settings) {
    java.util.Map<String, String> all = new java.util.HashMap<>(broker.settings());
    all.putAll(settings);
    return all;
  }

  @Test
  void theRefusalsAreCounted() throws Exception {
    try (RawBayeuxClient alice = bridge.connected(Transport.WEBSOCKET, "alice")) {
      alice.send("chat/a", Map.of(), "x".repeat(5000));
      assertThat(HttpIT.get(bridge.uri("metrics")).body())
          .containsPattern("longspan_refusals_total\\{code=\"limitExceeded\"} [1-9]");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aClientThatMissedMoreThanItsQueueHoldsRecoversAllOfIt(Transport transport) {
    String topic = "kept/missed-" + transport;
    try (TestService service = new TestService(broker.connectionFactory());
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(Transport.WEBSOCKET, "bob")) {
      alice.subscribe(topic);
      bob.subscribe(topic);
      service.publish(topic, session -> session.createTextMessage("seen"));
      Map<String, Object> seen = alice.awaitData(data -> "seen".equals(data.get("body")));
      alice.control("type", "topicUnsubscribe", "topics", List.of(topic));
      for (int i = 1; i <= 60; i++) {
        String text = "missed " + i;
        service.publish(topic, session -> session.createTextMessage(text));
        if (i % 10 == 0) {
          // Bob's queue holds 20 messages.
          bob.awaitData(data -> text.equals(data.get("body")));
        }
      }
      alice.control(
          "type",
          "topicSubscribe",
          "topics",
          List.of(topic),
          "resumeFrom",
          Map.of(topic, RawBayeuxClient.properties(seen).get("JMSMessageID")));
      alice.awaitData(data -> "missed 60".equals(data.get("body")));
      assertThat(
              alice.data().stream()
                  .map(data -> String.valueOf(data.get("body")))
                  .filter(body -> body.startsWith("missed")))
          .hasSize(60);
      assertThat(alice.data()).noneMatch(data -> "gap".equals(data.get("type")));
      assertThat(alice.subscribe("chat/after")).containsEntry("status", "success");
    }
  }
}
