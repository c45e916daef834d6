package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.TextMessage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients that do not keep up: bounded by their topic's policy, each loss counted and announced
 * (protocol sections 5 and 10). The client is away while messages come, and takes its session over.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class SlowConsumerTests {
  private static final int ROOM = 50;
  private static final int SENT = 300;

  private TestBroker broker;
  private TestBridge bridge;
  private TestService service;

  abstract TestBroker startBroker();

  @BeforeAll
  void start() {
    broker = startBroker();
    Map<String, String> settings = new HashMap<>(broker.settings());
    settings.put("limits.queueMessages", String.valueOf(ROOM));
    bridge = TestBridge.start(settings);
    service = new TestService(broker.connectionFactory());
  }

  @AfterAll
  void stop() {
    service.close();
    bridge.close();
    broker.close();
  }

  /** A client that has subscribed, left its connection, and knows how to come back. */
  private record Away(String token, long seq) {}

  private Away subscribeAndGoAway(Transport transport, String topic) {
    try (RawBayeuxClient alice = bridge.client(transport, "alice").handshake()) {
      String token = (String) alice.connect().get("resumeToken");
      Map<String, Object> answer = alice.subscribe(topic);
      alice.cut();
      return new Away(token, ((Number) answer.get("seq")).longValue());
    }
  }

  private RawBayeuxClient back(Transport transport, Away away, boolean resumed) {
    RawBayeuxClient alice = bridge.client(transport, "alice").handshake();
    assertThat(
            alice.control(
                "type", "connect",
                "protocolVersion", "1.1",
                "resume", Map.of("token", away.token(), "seq", away.seq())))
        .containsEntry("resumed", resumed);
    return alice;
  }

  /** Publishes numbered messages; another client that keeps up gets each of them. */
  private void flood(Transport transport, String topic) {
    try (RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      bob.subscribe(topic);
      for (int i = 0; i < SENT; i++) {
        String body = "m" + i;
        String symbol = i == 0 ? "RARE" : "S" + i % 5;
        service.publish(
            topic,
            session -> {
              TextMessage message = session.createTextMessage(body);
              message.setStringProperty("symbol", symbol);
              return message;
            });
        // So that the one who keeps up never has much waiting.
        bob.awaitData(d -> body.equals(d.get("body")));
      }
      assertThat(bodies(bob)).hasSize(SENT);
    }
  }

  private static List<String> bodies(RawBayeuxClient client) {
    return client.data().stream()
        .filter(d -> "topicMessage".equals(properties(d).get("type")))
        .map(d -> (String) d.get("body"))
        .toList();
  }

  private static String gaps(RawBayeuxClient client) {
    return client.data().stream()
        .filter(d -> "gap".equals(d.get("type")))
        .map(d -> d.get("topics") + " " + d.get("reason"))
        .toList()
        .toString();
  }

  private static String unique(String prefix) {
    return prefix + Long.toHexString(System.nanoTime());
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aTopicWithDropOldestDiscardsTheOldestMessages(Transport transport) {
    String topic = unique("feed/f");
    Away away = subscribeAndGoAway(transport, topic);
    flood(transport, topic);
    try (RawBayeuxClient alice = back(transport, away, true)) {
      List<String> bodies = bodies(alice);
      // A poll that was held when the client left may have taken the first one along.
      assertThat(bodies).endsWith("m" + (SENT - 1)).hasSizeBetween(ROOM, ROOM + 1);
      assertThat(gaps(alice))
          .isEqualTo("[[{topic=%s, lost=%d}] slowConsumer]".formatted(topic, SENT - bodies.size()));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aTopicWithLatestKeepsOnlyTheNewestMessage(Transport transport) {
    String topic = unique("newest/n");
    Away away = subscribeAndGoAway(transport, topic);
    flood(transport, topic);
    try (RawBayeuxClient alice = back(transport, away, true)) {
      List<String> bodies = bodies(alice);
      assertThat(bodies).endsWith("m" + (SENT - 1)).hasSizeLessThanOrEqualTo(ROOM + 1);
      assertThat(gaps(alice))
          .isEqualTo("[[{topic=%s, lost=%d}] slowConsumer]".formatted(topic, SENT - bodies.size()));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aTopicWithLatestByKeyKeepsTheNewestMessageOfEachKey(Transport transport) {
    String topic = unique("quotes/q");
    Away away = subscribeAndGoAway(transport, topic);
    flood(transport, topic);
    try (RawBayeuxClient alice = back(transport, away, true)) {
      List<String> bodies = bodies(alice);
      assertThat(bodies)
          .contains("m0", "m299", "m298", "m297", "m296", "m295")
          .hasSizeLessThanOrEqualTo(ROOM + 1);
      assertThat(gaps(alice))
          .isEqualTo("[[{topic=%s, lost=%d}] slowConsumer]".formatted(topic, SENT - bodies.size()));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void theBridgeEndsASlowClientOfATopicWithoutAPolicy(Transport transport) {
    String topic = unique("chat/c");
    Away away = subscribeAndGoAway(transport, topic);
    flood(transport, topic);
    try (RawBayeuxClient alice = back(transport, away, false)) {
      assertThat(bodies(alice)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void topicMessagesDoNotDisplaceAPrivateMessage(Transport transport) {
    String topic = unique("feed/f");
    Away away = subscribeAndGoAway(transport, topic);
    service.publish(
        "bridge/push",
        session -> {
          TextMessage message = session.createTextMessage("for alice");
          message.setStringProperty("toUser", "alice");
          return message;
        });
    flood(transport, topic);
    try (RawBayeuxClient alice = back(transport, away, true)) {
      alice.awaitData(d -> "for alice".equals(d.get("body")));
      assertThat(gaps(alice)).contains(topic);
    }
  }
}
