package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static io.longspan.wire.TestService.text;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Topic;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions and topics that go on where they were (protocol section 6), on both transports. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class ResumeTests {
  private static final int MAX_POLLS = 20;

  private TestBroker broker;
  private TestBridge bridge;

  abstract TestBroker startBroker();

  @BeforeAll
  void start() {
    broker = startBroker();
    bridge = TestBridge.start(settings("session.maxInterval", "1s", "session.timeout", "5s"));
  }

  @AfterAll
  void stop() {
    bridge.close();
    broker.close();
  }

  private Map<String, String> settings(String... keysAndValues) {
    Map<String, String> settings = new HashMap<>(broker.settings());
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return settings;
  }

  private static String unique(String prefix) {
    return prefix + Long.toHexString(System.nanoTime());
  }

  private TestService service() {
    return new TestService(broker.connectionFactory());
  }

  private static void publish(TestService service, String topic, int from, int to) {
    for (int i = from; i <= to; i++) {
      String body = "m" + i;
      service.publish(topic, session -> session.createTextMessage(body));
    }
  }

  private static void awaitBody(RawBayeuxClient client, String body) {
    client.awaitData(d -> body.equals(d.get("body")));
  }

  private static List<Object> bodies(RawBayeuxClient client) {
    return client.data().stream().map(d -> d.get("body")).filter(b -> b != null).toList();
  }

  private static List<Long> numbers(RawBayeuxClient client) {
    return client.data().stream().map(d -> ((Number) d.get("seq")).longValue()).toList();
  }

  private static long lastNumber(RawBayeuxClient client) {
    List<Long> numbers = numbers(client);
    return numbers.get(numbers.size() - 1);
  }

  private static String token(RawBayeuxClient client) {
    return (String) client.awaitData(d -> "connected".equals(d.get("status"))).get("resumeToken");
  }

  private static Map<String, Object> resume(RawBayeuxClient client, String token, long seq) {
    return client.control(
        "type", "connect",
        "protocolVersion", "1.1",
        "resume", Map.of("token", token, "seq", seq));
  }

  /** Waits until a session is lost or gone; asks an operator, for a word to it would keep it. */
  private void awaitReaped(RawBayeuxClient lost) {
    HttpRequest clients =
        HttpRequest.newBuilder(bridge.uri("admin/clients?limit=500"))
            .header("Authorization", RawBayeuxClient.basic("root", "root"))
            .build();
    Awaitility.await()
        .until(
            () ->
                !HttpClient.newHttpClient()
                    .send(clients, BodyHandlers.ofString())
                    .body()
                    .matches(
                        "(?s).*\"clientId\":\"%s\"[^}]*\"state\":\"connected\".*"
                            .formatted(lost.clientId())));
  }

  /** Posts polls until an answer carries a body; returns the last poll. */
  private static String pollUntil(LongPollingClient client, String body) {
    for (int i = 1; i <= MAX_POLLS; i++) {
      String poll =
          LongPollingClient.body(
              List.of(
                  RawBayeuxClient.message(
                      "channel", "/meta/connect",
                      "id", body + "x" + i,
                      "clientId", client.clientId(),
                      "connectionType", client.connectionType(),
                      "ext", Map.of("bridge", Map.of("seq", 0)))));
      if (client.post(poll).body().contains(quoted(body))) {
        return poll;
      }
    }
    throw new AssertionError(body + " came with none of " + MAX_POLLS + " polls");
  }

  private static String quoted(String body) {
    return "\"" + body + "\"";
  }

  /** Browsers send a poll again by themselves where its connection broke before an answer came. */
  @Test
  void aRepeatedPollReturnsTheMessagesOfItsLostReply() {
    String topic = unique("chat/c");
    try (TestService service = service();
        RawBayeuxClient alice = bridge.connected(Transport.LONG_POLLING, "alice")) {
      LongPollingClient client = (LongPollingClient) alice;
      client.subscribe(topic);
      client.endPolling();
      publish(service, topic, 1, 2);
      String poll = pollUntil(client, "m2");
      for (int i = 0; i < 2; i++) {
        assertThat(client.post(poll).body()).contains(quoted("m2"));
      }
      publish(service, topic, 3, 3);
      assertThat(client.post(pollUntil(client, "m3")).body())
          .contains(quoted("m3"))
          .doesNotContain(quoted("m2"));
    }
  }

  private static List<String> twice(
      LongPollingClient client, String id, String destination, String body) {
    String request =
        LongPollingClient.body(
            List.of(
                RawBayeuxClient.message(
                    "channel",
                    "/anzo/bridge",
                    "id",
                    id,
                    "clientId",
                    client.clientId(),
                    "data",
                    Map.of("destination", destination, "body", body))));
    return List.of(client.post(request).body(), client.post(request).body());
  }

  @Test
  void theBridgeSendsARepeatedMessageOnceIfTheClientReportsItsSeq() {
    String topic = unique("chat/c");
    try (TestService service = service().watch(topic);
        RawBayeuxClient alice = bridge.connected(Transport.LONG_POLLING, "alice")) {
      LongPollingClient client = (LongPollingClient) alice;
      client.subscribe(topic);
      client.endPolling();
      // Who does not count may give each message the same id.
      assertThat(twice(client, "x", topic, "a")).allMatch(r -> r.contains("\"successful\":true"));
      pollUntil(client, "a");
      assertThat(twice(client, "x", topic, "b")).allMatch(r -> r.contains("\"successful\":true"));
      assertThat(twice(client, "y", "forbidden", "c")).allMatch(r -> r.contains("notAuthorized"));
      assertThat(twice(client, "z", topic, "d")).allMatch(r -> r.contains("\"successful\":true"));
      service.await(m -> text(m).equals("d"));
      assertThat(service.received())
          .extracting(TestService::text)
          .containsExactly("a", "a", "b", "d");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void resumingALostSessionDeliversEveryMissedMessage(Transport transport) throws Exception {
    String topic = unique("chat/c");
    String queue = unique("services/s");
    try (TestService service = service();
        TestService answering = service().serve(queue, (session, request) -> {});
        RawBayeuxClient first = bridge.connected(transport, "alice")) {
      first.subscribe(topic);
      publish(service, topic, 1, 3);
      awaitBody(first, "m3");
      first.send(queue, Map.of("JMSCorrelationID", "r-1"), "?");
      Message request = answering.awaitFirst();
      long seen = lastNumber(first);
      String token = token(first);
      first.cut();
      awaitReaped(first);
      publish(service, topic, 4, 8);
      answering.send(
          session -> request.getJMSReplyTo(),
          session -> {
            Message answer = session.createTextMessage("answer");
            answer.setJMSCorrelationID("r-1");
            return answer;
          });
      publish(service, topic, 9, 9);
      try (RawBayeuxClient second = bridge.client(transport, "alice").handshake()) {
        assertThat(resume(second, token, seen))
            .containsEntry("status", "connected")
            .containsEntry("resumed", true)
            .containsEntry("resumeToken", token);
        publish(service, topic, 10, 10);
        awaitBody(second, "m10");
        Awaitility.await()
            .untilAsserted(
                () ->
                    assertThat(bodies(second))
                        .containsOnlyOnce("m4", "m5", "m6", "m7", "m8", "answer", "m9", "m10"));
        assertThat(bodies(second))
            .filteredOn(b -> !"answer".equals(b))
            .isSubsetOf("m4", "m5", "m6", "m7", "m8", "m9", "m10");
        assertThat(bodies(second)).filteredOn(b -> !"answer".equals(b)).first().isEqualTo("m4");
        assertThat(numbers(second))
            .isEqualTo(LongStream.rangeClosed(seen + 1, lastNumber(second)).boxed().toList());
        second.send(queue, Map.of("JMSCorrelationID", "r-2"), "?");
        Message again = answering.await(m -> correlationId(m).equals("r-2"));
        assertThat(again.getStringProperty("bridgeClientId")).isEqualTo(first.clientId());
        assertThat(((Topic) again.getJMSReplyTo()).getTopicName())
            .isEqualTo(((Topic) request.getJMSReplyTo()).getTopicName());
      }
    }
  }

  private static String correlationId(Message message) {
    try {
      return message.getJMSCorrelationID();
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aClientCanResumeASessionThatIsStillAlive(Transport transport) {
    String topic = unique("chat/c");
    try (TestService service = service();
        RawBayeuxClient first = bridge.connected(transport, "alice");
        RawBayeuxClient second = bridge.client(transport, "alice").handshake()) {
      first.subscribe(topic);
      publish(service, topic, 1, 2);
      awaitBody(first, "m2");
      Map<String, Object> answer = resume(second, token(first), 1);
      assertThat(answer).containsEntry("resumed", true);
      assertThat(bodies(second)).containsExactly("m1", "m2");
      // Is handled after all that the resume does.
      second.subscribe(unique("chat/c"));
      assertThat(second.data())
          .filteredOn(data -> answer.get("correlationId").equals(data.get("correlationId")))
          .containsExactly(answer);
      publish(service, topic, 3, 3);
      awaitBody(second, "m3");
      awaitReaped(first);
      assertThat(bodies(first)).doesNotContain("m3");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aSessionThatSurvivesABrokenConnectionReceivesItsMessagesAgain(Transport transport) {
    String topic = unique("chat/c");
    try (TestService service = service();
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.subscribe(topic);
      publish(service, topic, 1, 4);
      awaitBody(alice, "m4");
      long seen = lastNumber(alice);
      assertThat(resume(alice, token(alice), seen - 2)).containsEntry("resumed", true);
      assertThat(bodies(alice)).containsExactly("m1", "m2", "m3", "m4", "m3", "m4");
      publish(service, topic, 5, 5);
      awaitBody(alice, "m5");
      assertThat(bodies(alice)).endsWith("m4", "m5");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anotherUserOrAWrongTokenCannotResumeASession(Transport transport) {
    String topic = unique("chat/c");
    try (TestService service = service();
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.client(transport, "bob").handshake();
        RawBayeuxClient guessing = bridge.client(transport, "alice").handshake()) {
      alice.subscribe(topic);
      assertThat(resume(bob, token(alice), 0))
          .containsEntry("status", "connected")
          .containsEntry("resumed", false);
      assertThat(resume(guessing, "a token of nobody", 0)).containsEntry("resumed", false);
      publish(service, topic, 1, 1);
      awaitBody(alice, "m1");
      assertThat(bodies(bob)).isEmpty();
      assertThat(bodies(guessing)).isEmpty();
      assertThat(numbers(bob)).containsExactly(1L);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anUnknownSeqEndsTheSession(Transport transport) {
    String topic = unique("chat/c");
    try (TestService service = service().watch("bridge/clients");
        RawBayeuxClient first = bridge.connected(transport, "alice");
        RawBayeuxClient second = bridge.client(transport, "alice").handshake()) {
      first.subscribe(topic);
      assertThat(resume(second, token(first), 1_000_000)).containsEntry("resumed", false);
      service.awaitText(first.clientId(), "notResumable");
      assertThat(second.subscribe(topic)).containsEntry("status", "success");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void theBridgeReleasesALostSessionAfterTheResumeWindow(Transport transport) {
    try (TestBridge short_ =
            TestBridge.start(
                settings("session.maxInterval", "500ms", "session.resumeWindow", "500ms"));
        TestService service = service().watch("bridge/clients")) {
      RawBayeuxClient lost = short_.connected(transport, "alice");
      String token = token(lost);
      lost.subscribe("chat/a");
      lost.cut();
      service.awaitText(lost.clientId(), "timeout");
      assertThat(short_.metric("longspan_subscriptions")).isLessThanOrEqualTo(1);
      try (RawBayeuxClient late = short_.client(transport, "alice").handshake()) {
        assertThat(resume(late, token, 1)).containsEntry("resumed", false);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aClientCannotResumeASessionThatItEnded(Transport transport) {
    try (TestService service = service().watch("bridge/clients")) {
      RawBayeuxClient gone = bridge.connected(transport, "alice");
      String token = token(gone);
      gone.close();
      service.awaitText(gone.clientId(), "disconnected");
      try (RawBayeuxClient late = bridge.client(transport, "alice").handshake()) {
        assertThat(resume(late, token, 1)).containsEntry("resumed", false);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aSubscriptionResumesAfterTheLastSeenMessage(Transport transport) {
    String topic = unique("kept/k");
    try (TestService service = service();
        RawBayeuxClient first = bridge.connected(transport, "alice")) {
      first.subscribe(topic);
      publish(service, topic, 1, 3);
      awaitBody(first, "m3");
      Object second =
          properties(first.awaitData(d -> "m2".equals(d.get("body")))).get("JMSMessageID");
      first.close();
      // Nobody is subscribed: the bridge listens on for what is kept.
      publish(service, topic, 4, 5);
      try (RawBayeuxClient back = bridge.connected(transport, "bob")) {
        Map<String, Object> answer =
            back.control(
                "type", "topicSubscribe",
                "topics", List.of(topic),
                "resumeFrom", Map.of(topic, second));
        assertThat(answer)
            .containsEntry("status", "success")
            .containsEntry("recoveredTopics", List.of(topic));
        publish(service, topic, 6, 6);
        awaitBody(back, "m6");
        assertThat(bodies(back)).containsExactly("m3", "m4", "m5", "m6");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anUnknownMessageIdProducesAGap(Transport transport) {
    String kept = unique("kept/k");
    String chat = unique("chat/c");
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertThat(
              alice.control(
                  "type", "topicSubscribe",
                  "topics", List.of(kept, chat),
                  "resumeFrom", Map.of(kept, "ID:unknown", chat, "ID:unknown")))
          .containsEntry("status", "success")
          .doesNotContainKey("recoveredTopics");
      assertThat(alice.awaitData(d -> "gap".equals(d.get("type"))))
          .containsEntry("reason", "notRecoverable")
          .extracting("topics")
          .asString()
          .contains(kept, chat, "lost=null");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aSubscriptionResumesOnAnotherBridge(Transport transport) {
    String topic = unique("kept/k");
    try (TestService service = service();
        TestBridge other = TestBridge.start(settings("bridge.id", "bridge-2"));
        RawBayeuxClient there = other.connected(transport, "bob");
        RawBayeuxClient first = bridge.connected(transport, "alice")) {
      there.subscribe(topic);
      first.subscribe(topic);
      publish(service, topic, 1, 2);
      awaitBody(first, "m2");
      awaitBody(there, "m2");
      Object seen =
          properties(first.awaitData(d -> "m1".equals(d.get("body")))).get("JMSMessageID");
      first.cut();
      try (RawBayeuxClient moved = other.client(transport, "alice").handshake()) {
        assertThat(resume(moved, token(first), lastNumber(first))).containsEntry("resumed", false);
        assertThat(
                moved.control(
                    "type", "topicSubscribe",
                    "topics", List.of(topic),
                    "resumeFrom", Map.of(topic, seen)))
            .containsEntry("recoveredTopics", List.of(topic));
        publish(service, topic, 3, 3);
        awaitBody(moved, "m3");
        assertThat(bodies(moved)).containsExactly("m2", "m3");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aResumedSessionReceivesNoMessagesOfARevokedTopic(Transport transport) {
    String topic = unique("chat/c");
    try (TestBridge own = TestBridge.start(settings());
        TestService service = service();
        RawBayeuxClient bob = own.connected(transport, "bob");
        RawBayeuxClient first = own.connected(transport, "alice")) {
      first.subscribe(topic);
      bob.subscribe(topic);
      String token = token(first);
      long seen = lastNumber(first);
      first.cut();
      publish(service, topic, 1, 3);
      awaitBody(bob, "m3");
      own.writeCatalogue(
          "destinations: [{name: 'chat/{room}', kind: topic, subscribe: ['user:bob']}]");
      Awaitility.await().until(() -> own.metric("longspan_subscriptions_revoked_total") == 1);
      try (RawBayeuxClient back = own.client(transport, "alice").handshake()) {
        assertThat(resume(back, token, seen)).containsEntry("resumed", true);
        assertThat(bodies(back)).isEmpty();
        assertThat(back.awaitData(d -> "topicUnsubscribed".equals(d.get("type"))))
            .containsEntry("topics", List.of(topic));
      }
    }
  }

  /** Those of earlier tests may go meanwhile. */
  private Set<String> temporaryTopicsBeside(Set<String> before) {
    Set<String> others = new HashSet<>(broker.temporaryTopics());
    others.removeAll(before);
    return others;
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void theBridgeRemovesTemporaryTopicsAndSubscriptionsOfEndedClients(Transport transport) {
    try (TestBridge own =
            TestBridge.start(
                settings(
                    "session.maxInterval", "500ms",
                    "session.timeout", "1s",
                    "session.resumeWindow", "500ms"));
        TestService events = service().watch("bridge/clients")) {
      Set<String> before = broker.temporaryTopics();
      RawBayeuxClient vanishing = own.connected(transport, "alice");
      RawBayeuxClient halfOpen = own.connected(transport, "alice");
      RawBayeuxClient disconnecting = own.connected(transport, "alice");
      RawBayeuxClient leaving = own.connected(transport, "alice");
      List<RawBayeuxClient> all = List.of(vanishing, halfOpen, disconnecting, leaving);
      all.forEach(client -> client.subscribe("feed/gone"));
      assertThat(temporaryTopicsBeside(before)).hasSizeGreaterThanOrEqualTo(all.size());
      vanishing.cut();
      halfOpen.stopPolling(); // its connection stays open, and nobody is behind it
      assertThat(disconnecting.control("type", "disconnect"))
          .containsEntry("status", "disconnected");
      leaving.close();
      for (RawBayeuxClient client : all) {
        events.awaitText(client.clientId(), "\"disconnected\"");
      }
      Awaitility.await().until(() -> broker.temporaryTopics().size() <= before.size());
      Awaitility.await().until(() -> own.metric("longspan_subscriptions") == 0);
      disconnecting.close();
      halfOpen.close();
    }
  }
}
