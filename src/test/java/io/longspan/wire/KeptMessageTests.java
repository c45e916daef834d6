package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static io.longspan.wire.WireTarget.unique;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The last messages first, then the new ones; and messages of before (protocol section 17). */
interface KeptMessageTests extends WireTarget {

  private static void publish(TestService service, String jmsTopic, int from, int to) {
    for (int i = from; i <= to; i++) {
      String body = "m" + i;
      service.publish(jmsTopic, session -> session.createTextMessage(body));
    }
  }

  /** Subscribes a client that stays, and lets the bridge keep some messages. */
  private void keep(RawBayeuxClient subscriber, TestService service, String topic, int count) {
    assertThat(subscriber.subscribe(topic)).containsEntry("status", "success");
    publish(service, topic, 1, count);
    subscriber.awaitData(data -> ("m" + count).equals(data.get("body")));
  }

  private static Map<String, Object> subscribe(RawBayeuxClient client, String topic, int last) {
    return client.control("type", "topicSubscribe", "topics", List.of(topic), "last", last);
  }

  /** Returns the bodies so far, those of kept messages in parentheses. */
  private static List<String> bodies(RawBayeuxClient client) {
    return client.data().stream()
        .filter(data -> data.get("body") != null)
        .map(
            data ->
                Boolean.TRUE.equals(data.get("kept"))
                    ? "(" + data.get("body") + ")"
                    : (String) data.get("body"))
        .toList();
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> messages(Map<String, Object> answer) {
    assertThat(answer).containsEntry("status", "success");
    return (List<Map<String, Object>>) answer.get("messages");
  }

  private static List<Object> bodiesOf(Map<String, Object> answer) {
    return messages(answer).stream().map(message -> message.get("body")).toList();
  }

  private static Map<String, Object> history(
      RawBayeuxClient client, String topic, int limit, Object... moreFields) {
    Map<String, Object> fields =
        RawBayeuxClient.message("type", "history", "topic", topic, "limit", limit);
    fields.putAll(RawBayeuxClient.message(moreFields));
    return client.control(
        fields.entrySet().stream()
            .flatMap(field -> java.util.stream.Stream.of(field.getKey(), field.getValue()))
            .toArray());
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theLastMessagesComeFirstAndThenTheNewOnes(Transport transport) {
    String topic = unique("kept/k");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        TestService service = service()) {
      keep(alice, service, topic, 5);
      assertThat(subscribe(bob, topic, 3)).containsEntry("status", "success");
      publish(service, topic, 6, 7);
      bob.awaitData(data -> "m7".equals(data.get("body")));
      alice.awaitData(data -> "m7".equals(data.get("body")));
      assertThat(bodies(bob)).containsExactly("(m3)", "(m4)", "(m5)", "m6", "m7");
      assertThat(bodies(alice)).containsExactly("m1", "m2", "m3", "m4", "m5", "m6", "m7");
      // A topic that is subscribed already has missed nothing.
      assertThat(subscribe(bob, topic, 3)).containsEntry("status", "success");
      assertThat(bodies(bob)).hasSize(5);
      assertThat(bob.data()).noneMatch(data -> "gap".equals(data.get("type")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void nothingIsMissedOrRepeatedWhileMessagesCome(Transport transport) {
    String topic = unique("kept/k");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        TestService service = service()) {
      keep(alice, service, topic, 1);
      for (int round = 0; round < 5; round++) {
        int first = 2 + round * 20;
        try (RawBayeuxClient bob = bridge().connected(transport, "bob")) {
          publish(service, topic, first, first + 9);
          assertThat(subscribe(bob, topic, 100)).containsEntry("status", "success");
          publish(service, topic, first + 10, first + 19);
          bob.awaitData(data -> ("m" + (first + 19)).equals(data.get("body")));
          List<String> seen =
              bodies(bob).stream().map(body -> body.replaceAll("[()]", "")).toList();
          int start = Math.max(1, Integer.parseInt(seen.get(0).substring(1)));
          assertThat(seen)
              .isEqualTo(IntStream.rangeClosed(start, first + 19).mapToObj(i -> "m" + i).toList());
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theLastMessagesOfAPatternComeWithTheHandshake(Transport transport) {
    String market = unique("m");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().client(transport, "bob");
        TestService service = service()) {
      String pattern = "keptprices/" + market + "/*";
      alice.subscribe(pattern);
      publish(service, "keptprices." + market + ".A", 1, 1);
      publish(service, "keptprices." + market + ".B", 2, 3);
      alice.awaitData(data -> "m3".equals(data.get("body")));
      HandshakeConnectTests.handshake(
          bob, HandshakeConnectTests.connect("topics", List.of(pattern), "last", 2));
      bob.startPolling();
      bob.awaitData(data -> "topicSubscribe".equals(data.get("type")));
      assertThat(bodies(bob)).containsExactly("(m2)", "(m3)");
      assertThat(properties(bob.awaitData(data -> "m2".equals(data.get("body")))))
          .containsEntry("topic", "keptprices/" + market + "/B")
          .containsEntry("subscription", pattern);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aTopicThatIsAlwaysKeptHasMessagesForItsFirstClient(Transport transport) {
    String topic = unique("always/k");
    String entry =
        """
          - {name: "%s", kind: topic, jms: "%s", subscribe: ["*"], keep: {messages: 100, always: true}}
        """
            .formatted(topic, topic.replace('/', '.'));
    try (TestBridge own = TestBridge.start(settings());
        RawBayeuxClient alice = own.connected(transport, "alice");
        RawBayeuxClient bob = own.connected(transport, "bob");
        TestService service = service()) {
      own.writeCatalogue(TestBridge.CATALOGUE + entry);
      Awaitility.await()
          .until(
              () -> {
                service.publish(
                    topic.replace('/', '.'), session -> session.createTextMessage("first"));
                Map<String, Object> history = history(bob, topic, 1);
                return "success".equals(history.get("status")) && !bodiesOf(history).isEmpty();
              });
      assertThat(subscribe(alice, topic, 1)).containsEntry("status", "success");
      assertThat(bodies(alice)).startsWith("(first)");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void whatIsKeptCanBeReadInParts(Transport transport) {
    String topic = unique("kept/k");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        TestService service = service()) {
      keep(alice, service, topic, 7);
      Map<String, Object> newest = history(bob, topic, 3);
      assertThat(bodiesOf(newest)).containsExactly("m5", "m6", "m7");
      assertThat(newest).containsEntry("complete", false);
      assertThat(properties(messages(newest).get(0)))
          .containsEntry("type", "topicMessage")
          .containsEntry("topic", topic);
      Object m5 = properties(messages(newest).get(0)).get("JMSMessageID");
      assertThat(bodiesOf(history(bob, topic, 2, "before", m5))).containsExactly("m3", "m4");
      Map<String, Object> older = history(bob, topic, 1000, "before", m5);
      assertThat(bodiesOf(older)).containsExactly("m1", "m2", "m3", "m4");
      assertThat(older).containsEntry("complete", true);
      assertThat(bodiesOf(history(bob, topic, 1, "after", m5))).containsExactly("m6");
      Map<String, Object> newer = history(bob, topic, 2, "after", m5);
      assertThat(bodiesOf(newer)).containsExactly("m6", "m7");
      assertThat(newer).containsEntry("complete", true);
      assertThat(history(bob, topic, 1, "after", "ID:unknown"))
          .containsEntry("errorCode", "badRequest");
      assertThat(bodies(bob)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void historyNeedsTheRightToSubscribe(Transport transport) {
    try (RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      for (String topic : List.of("prices/closed/X", "services/echo", "nowhere")) {
        assertThat(history(bob, topic, 1)).containsEntry("errorCode", "notAuthorized");
      }
      for (Object[] wrong :
          List.of(
              new Object[] {"topic", "a//b", "limit", 1},
              new Object[] {"topic", 7, "limit", 1},
              new Object[] {"topic", "chat/a"},
              new Object[] {"topic", "chat/a", "limit", 0},
              new Object[] {"topic", "chat/a", "limit", "1"},
              new Object[] {"topic", "chat/a", "limit", 1, "before", 7},
              new Object[] {"topic", "chat/a", "limit", 1, "before", "x", "after", "y"})) {
        Map<String, Object> fields = RawBayeuxClient.message(wrong);
        fields.put("type", "history");
        assertThat(
                bob.control(
                    fields.entrySet().stream()
                        .flatMap(f -> java.util.stream.Stream.of(f.getKey(), f.getValue()))
                        .toArray()))
            .containsEntry("errorCode", "badRequest");
      }
      assertThat(history(bob, unique("chat/c"), 5))
          .containsEntry("messages", List.of())
          .containsEntry("complete", true);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void messagesOfBeforeARightAreNotGiven(Transport transport) {
    Map<String, String> settings = new HashMap<>(settings());
    settings.put("bridge.id", "bridge-5");
    String topic = unique("kept/k");
    String withoutBob =
        "destinations: [{name: 'kept/{x}', kind: topic, subscribe: %s, keep: {messages: 100}}]";
    try (TestBridge bridge = TestBridge.start(settings);
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob");
        TestService service = service()) {
      bridge.writeCatalogue(withoutBob.formatted("['user:alice']"));
      Awaitility.await()
          .untilAsserted(
              () -> assertThat(history(bob, topic, 1)).containsEntry("errorCode", "notAuthorized"));
      keep(alice, service, topic, 3);
      bridge.writeCatalogue(withoutBob.formatted("['user:alice', 'user:bob']"));
      Awaitility.await()
          .untilAsserted(
              () -> assertThat(history(bob, topic, 9)).containsEntry("status", "success"));
      publish(service, topic, 4, 4);
      alice.awaitData(data -> "m4".equals(data.get("body")));
      assertThat(bodiesOf(history(bob, topic, 9))).containsExactly("m4");
      assertThat(subscribe(bob, topic, 9)).containsEntry("status", "success");
      assertThat(bodies(bob)).containsExactly("(m4)");
    }
  }
}
