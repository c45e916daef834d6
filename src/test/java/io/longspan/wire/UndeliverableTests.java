package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Messages that cannot be delivered as they are: unreadable, too large, expired, without an id, of
 * characters that the broker corrupts (protocol sections 4 and 5). Each is announced, and nobody
 * else notices.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class UndeliverableTests {
  /** Room for a client's queue. */
  private static final int QUEUE_BYTES = 128 << 10;

  /** More than that; Artemis also calls it a large message. */
  private static final int TOO_LARGE = 400_000;

  /** Long enough to reach the bridge, in milliseconds. */
  private static final long TIME_TO_LIVE = 5_000;

  /** Two names that ActiveMQ's client would make one of. */
  private static final List<String> BEYOND_BMP = List.of("al\ud83d\ude00", "al\ud83d\ude01");

  private Path users;
  private TestBroker broker;
  private TestBridge bridge;

  abstract TestBroker startBroker();

  /** Returns messages that the bridge's provider cannot read, as a service can send them. */
  abstract List<TestService.Work<Message>> unreadable();

  /** Returns whether properties hold any character. */
  abstract boolean carriesEverything();

  @BeforeAll
  void start() throws IOException {
    users = Files.createTempFile("longspan-users-", ".properties");
    Files.writeString(
        users,
        TestBridge.USERS
            + "al\\ud83d\\ude00: al\\ud83d\\ude00\n"
            + "al\\ud83d\\ude01: al\\ud83d\\ude01\n");
    broker = startBroker();
    Map<String, String> settings = new HashMap<>(broker.settings());
    settings.put("users", users.toString());
    settings.put("limits.queueBytes", QUEUE_BYTES / 1024 + "KiB");
    bridge = TestBridge.start(settings);
  }

  @AfterAll
  void stop() throws IOException {
    bridge.close();
    broker.close();
    Files.delete(users);
  }

  TestService service() {
    return new TestService(broker.connectionFactory());
  }

  private static String unique(String prefix) {
    return prefix + Long.toHexString(System.nanoTime());
  }

  RawBayeuxClient alice(Transport transport) {
    return bridge.connected(transport, "alice");
  }

  private static List<Map<String, Object>> gaps(RawBayeuxClient client) {
    return client.data().stream().filter(data -> "gap".equals(data.get("type"))).toList();
  }

  private static Message large(Session session, boolean text) throws JMSException {
    if (text) {
      return session.createTextMessage("x".repeat(TOO_LARGE));
    }
    BytesMessage bytes = session.createBytesMessage();
    bytes.writeBytes(new byte[TOO_LARGE]);
    return bytes;
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anUnreadableAnswerArrivesAsUnsupportedAndEndsItsRequest(Transport transport) {
    String queue = unique("services/u");
    int kinds = unreadable().size();
    try (TestService service =
            service()
                .serve(
                    queue,
                    (session, request) ->
                        TestService.reply(
                            session,
                            request,
                            unreadable().get(request.getIntProperty("kind")).with(session)));
        RawBayeuxClient alice = alice(transport)) {
      for (int kind = 0; kind < kinds; kind++) {
        String id = "kind-" + kind;
        alice.send(queue, Map.of("JMSCorrelationID", id, "kind", kind), "go");
        assertThat(alice.awaitAnswer(id))
            .as(id)
            .containsEntry("body", null)
            .containsEntry("bodyFormat", "unsupported");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void subscribersReceiveAnUnreadableMessageAsUnsupported(Transport transport) {
    String topic = unique("chat/u");
    try (TestService service = service();
        RawBayeuxClient alice = alice(transport)) {
      alice.subscribe(topic);
      for (TestService.Work<Message> each : unreadable()) {
        service.publish(topic, each);
      }
      service.publish(topic, session -> session.createTextMessage("after"));
      alice.awaitData(data -> "after".equals(data.get("body")));
      List<Map<String, Object>> messages =
          alice.data().stream()
              .filter(data -> topic.equals(properties(data).get("topic")))
              .toList();
      assertThat(messages).hasSize(unreadable().size() + 1);
      assertThat(messages.subList(0, unreadable().size()))
          .allSatisfy(data -> assertThat(data).containsEntry("bodyFormat", "unsupported"));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aTooLargeAnswerEndsOnlyItsRequest(Transport transport) {
    String queue = unique("services/l");
    try (TestService service =
            service()
                .serve(
                    queue,
                    (session, request) ->
                        TestService.reply(
                            session,
                            request,
                            TestService.text(request).equals("small")
                                ? session.createTextMessage("small")
                                : large(session, TestService.text(request).equals("text"))));
        RawBayeuxClient alice = alice(transport)) {
      for (String kind : List.of("text", "bytes")) {
        alice.send(queue, Map.of("JMSCorrelationID", kind), kind);
        assertThat(alice.awaitAnswer(kind))
            .containsEntry("status", "failed")
            .containsEntry("errorCode", "limitExceeded");
      }
      alice.send(queue, Map.of("JMSCorrelationID", "small"), "small");
      assertThat(alice.awaitAnswer("small")).containsEntry("body", "small");
      assertThat(alice.pollRefused()).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void subscribersReceiveAGapForATooLargeMessageAndStayConnected(Transport transport) {
    try (TestService service = service();
        RawBayeuxClient alice = alice(transport);
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      for (String topic : List.of(unique("chat/l"), unique("feed/l"), unique("newest/l"))) {
        alice.subscribe(topic);
        bob.subscribe(topic);
        service.publish(topic, session -> session.createTextMessage("before"));
        service.publish(topic, session -> large(session, true));
        service.publish(topic, session -> large(session, false));
        service.publish(topic, session -> session.createTextMessage("after " + topic));
        for (RawBayeuxClient each : List.of(alice, bob)) {
          each.awaitData(data -> ("after " + topic).equals(data.get("body")));
          assertThat(gaps(each))
              .filteredOn(gap -> gap.toString().contains(topic))
              .hasSize(2)
              .allSatisfy(
                  gap ->
                      assertThat(gap)
                          .containsEntry("reason", "tooLarge")
                          .containsEntry("topics", List.of(Map.of("topic", topic, "lost", 1))));
          assertThat(each.pollRefused()).isFalse();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void theClientReceivesAGapWithoutATopicForATooLargePush(Transport transport) {
    try (TestService service = service();
        RawBayeuxClient alice = alice(transport)) {
      service.publish(
          "bridge/push",
          session -> {
            Message push = large(session, true);
            push.setStringProperty("toClient", alice.clientId());
            return push;
          });
      assertThat(alice.awaitData(data -> "gap".equals(data.get("type"))))
          .containsEntry("reason", "tooLarge")
          .containsEntry("topics", List.of());
    }
  }

  /** Publishes what expires after a while, and returns when that is. */
  private long publishExpiring(String topic) throws JMSException {
    try (Connection connection = broker.connectionFactory().createConnection()) {
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      MessageProducer producer = session.createProducer(session.createTopic(topic));
      producer.setTimeToLive(TIME_TO_LIVE);
      TextMessage message = session.createTextMessage("expires");
      producer.send(message);
      return message.getJMSExpiration();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void theBridgeDiscardsAMessageThatExpiresWhileItsClientIsAway(Transport transport)
      throws JMSException {
    String topic = unique("chat/e");
    String token;
    long seq;
    try (TestService service = service();
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      bob.subscribe(topic);
      try (RawBayeuxClient alice = bridge.client(transport, "alice").handshake()) {
        token = (String) alice.connect().get("resumeToken");
        seq = ((Number) alice.subscribe(topic).get("seq")).longValue();
        alice.cut();
      }
      long expiration = publishExpiring(topic);
      service.publish(topic, session -> session.createTextMessage("stays"));
      bob.awaitData(data -> "expires".equals(data.get("body")));
      bob.awaitData(data -> "stays".equals(data.get("body")));
      Awaitility.await().until(() -> System.currentTimeMillis() > expiration);
    }
    try (RawBayeuxClient alice = bridge.client(transport, "alice").handshake()) {
      assertThat(
              alice.control(
                  "type", "connect",
                  "protocolVersion", "1.1",
                  "resume", message("token", token, "seq", seq)))
          .containsEntry("resumed", true);
      alice.awaitData(data -> "stays".equals(data.get("body")));
      assertThat(alice.data()).noneMatch(data -> "expires".equals(data.get("body")));
      assertThat(gaps(alice))
          .singleElement()
          .satisfies(
              gap ->
                  assertThat(gap)
                      .containsEntry("reason", "slowConsumer")
                      .containsEntry("topics", List.of(Map.of("topic", topic, "lost", 1))));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aSubscriptionResumesAfterAMessageThatWasSentWithoutAnId(Transport transport)
      throws JMSException {
    String topic = unique("kept/n");
    try (RawBayeuxClient alice = alice(transport);
        RawBayeuxClient bob = bridge.connected(transport, "bob");
        Connection connection = broker.connectionFactory().createConnection()) {
      alice.subscribe(topic);
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      MessageProducer producer = session.createProducer(session.createTopic(topic));
      // A hint, which Artemis follows and ActiveMQ does not.
      producer.setDisableMessageID(true);
      for (int i = 0; i < 4; i++) {
        producer.send(session.createTextMessage("m" + i));
      }
      String last = "m3";
      alice.awaitData(data -> last.equals(data.get("body")));
      List<Object> ids =
          alice.data().stream()
              .map(data -> properties(data).get("JMSMessageID"))
              .filter(Objects::nonNull)
              .toList();
      assertThat(ids).hasSize(4).doesNotHaveDuplicates();
      assertThat(
              bob.control(
                  "type", "topicSubscribe",
                  "topics", List.of(topic),
                  "resumeFrom", Map.of(topic, ids.get(1))))
          .containsEntry("recoveredTopics", List.of(topic));
      assertThat(
              bob.data().stream()
                  .filter(data -> topic.equals(properties(data).get("topic")))
                  .map(data -> data.get("body")))
          .containsExactly("m2", "m3");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void userNamesBeyondTheBmpStayDistinctOrAreRejected(Transport transport) {
    String queue = unique("services/i");
    try (TestService service = service().serve(queue, TestService::echo)) {
      for (String user : BEYOND_BMP) {
        try (RawBayeuxClient client = bridge.client(transport, user)) {
          Map<String, Object> handshake = client.tryHandshake();
          if (carriesEverything()) {
            assertThat(handshake).containsEntry("successful", true);
          } else {
            assertThat(handshake)
                .containsEntry("successful", false)
                .extractingByKey("error")
                .asString()
                .startsWith("403::badRequest");
          }
        }
        if (carriesEverything()) {
          try (RawBayeuxClient client = bridge.connected(transport, user)) {
            client.send(queue, Map.of("JMSCorrelationID", user), "x");
            client.awaitAnswer(user);
            Message seen = service.received().get(service.received().size() - 1);
            assertThat(seen).extracting(m -> property(m, "runAsUser")).isEqualTo(user);
          }
        }
      }
    }
  }

  private static String property(Message message, String name) {
    try {
      return message.getStringProperty(name);
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aPropertyArrivesUnchangedOrTheBridgeRejectsIt(Transport transport) {
    String queue = unique("services/p");
    List<String> texts = List.of("a\u0000b", "x\ud83d\ude00", "\u00e9\u4e2d", "plain");
    try (TestService service = service().serve(queue, TestService::echo);
        RawBayeuxClient alice = alice(transport)) {
      int sent = 0;
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i);
        Map<String, Object> receipt =
            alice.send(queue, Map.of("JMSCorrelationID", "p" + i, "p", text), text);
        if (carriesEverything() || i >= 2) {
          alice.awaitAnswer("p" + i);
          assertThat(property(service.received().get(sent++), "p")).isEqualTo(text);
        } else {
          assertThat(receipt.get("error")).asString().startsWith("badRequest:");
        }
      }
      assertThat(service.received()).hasSize(sent);
    }
  }
}
