package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Selectors run inside the broker, on messages that others send to others. */
interface SelectorAttacks extends AttackTarget {

  /** Each is refused; what it would do on a broker stands beside it. */
  List<String> REFUSED =
      List.of(
          "XPATH '//*'", // reads the body as XML
          "x = 1 /* ' */ OR XPATH '//x'",
          "x = 1 -- '\n OR XQUERY '//x'",
          "REGEX('(a+)+$', text)",
          "INLIST(SPLIT(text, ','), 'x')",
          "convert_string_expressions:text = 1",
          "hyphenated_props:a-b = 1",
          "JMSReplyTo LIKE '%'", // finds out temporary names, letter by letter
          "JMSDestination LIKE 'ID:%'",
          "AMQAddress = 'SECRET'",
          "_AMQ_GROUP_ID = 'x'",
          "AMQUserID IS NOT NULL",
          "text LIKE '%a%a%a%a%a%a%a%a%a%a%a%b'", // does not end
          "text - 1 > 0", // throws, and fails the sender
          "-text > 0",
          "1 / text > 0",
          "1.5 < number",
          "a = 1; b = 2",
          "' OR 1=1 --",
          "a = 'x' UNION SELECT",
          "(".repeat(500) + "a" + ")".repeat(500),
          "NOT ".repeat(500) + "a",
          "a = '" + "x".repeat(3000) + "'",
          "\u0000",
          "a = 1\u0000",
          "\u202ea = 1");

  /** Each is taken, and none of them may matter to anybody else. */
  List<String> TAKEN =
      List.of(
          "text > 5",
          "text = TRUE",
          "number LIKE '%1%'",
          "text",
          "NOT text",
          "number BETWEEN -1 AND 1",
          "flag > 1",
          "text IN ('a', 'b')",
          "missing IS NULL AND NOT (text <> 'x' OR flag = 7)",
          "number = 99999999999999999999999999",
          "text LIKE '%[(*+?{\\^$|%'");

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anUnsafeSelectorNeverReachesTheBroker(Transport transport) {
    String topic = "chat/refused" + System.nanoTime();
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        BrokerView view = BrokerView.of(broker())) {
      Map<String, String> before = view.destinations();
      for (String selector : REFUSED) {
        Map<String, Object> answer =
            alice.control("type", "topicSubscribe", "topics", List.of(topic), "selector", selector);
        assertThat(answer)
            .as(selector)
            .containsEntry("status", "failed")
            .containsEntry("errorCode", "badRequest");
      }
      assertThat(NameAttacks.news(before, view.destinations())).isEmpty();
      assertThat(alice.subscribe(topic)).containsEntry("status", "success");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSelectorDoesNotAffectOtherSubscribersOrSenders(Transport transport) {
    String topic = "chat/taken" + System.nanoTime();
    try (TestService service = new TestService(broker().connectionFactory());
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      assertThat(bob.subscribe(topic)).containsEntry("status", "success");
      for (String selector : TAKEN) {
        try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
          Map<String, Object> answer =
              alice.control(
                  "type", "topicSubscribe", "topics", List.of(topic), "selector", selector);
          assertThat(answer).as(selector).containsEntry("status", "success");
          // As a service that knows nothing of selectors would send, typed in JMS's own ways.
          service.publish(
              topic,
              session -> {
                var message = session.createTextMessage(selector);
                message.setStringProperty("text", "a".repeat(50_000));
                message.setFloatProperty("number", 1.25f);
                message.setBooleanProperty("flag", true);
                return message;
              });
          bob.awaitData(data -> selector.equals(data.get("body")));
          assertThat(bob.send(topic, Map.of("text", "7", "number", 1.5), "by " + selector))
              .as(selector)
              .containsEntry("successful", true);
          bob.awaitData(data -> ("by " + selector).equals(data.get("body")));
        }
      }
    }
  }

  /** What took the connection to the broker away from everybody. */
  private static String searching(int session) {
    return "x = %d OR ".formatted(session)
        + String.join(" OR ", Collections.nCopies(14, "text LIKE '%" + "a".repeat(124) + "b%'"));
  }

  /** As much as one selector may search for, and each another one. */
  private static String worst(int session) {
    return "x = %d OR text LIKE '%%%sb%%'".formatted(session, "_".repeat(29));
  }

  private static long roundTrip(TestService service, String topic, RawBayeuxClient bob) {
    String body = "big-" + System.nanoTime();
    long start = System.nanoTime();
    service.publish(
        topic,
        session -> {
          var message = session.createTextMessage(body);
          message.setStringProperty("text", "a".repeat(250_000));
          return message;
        });
    bob.awaitData(data -> body.equals(data.get("body")));
    return System.nanoTime() - start;
  }

  private static long fastest(TestService service, String topic, RawBayeuxClient bob) {
    return LongStream.generate(() -> roundTrip(service, topic, bob)).limit(5).min().orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void manySelectorsOnALongPropertyDelayNobody(Transport transport) {
    String topic = "chat/long" + System.nanoTime();
    List<RawBayeuxClient> attackers = new ArrayList<>();
    try (TestService service = new TestService(broker().connectionFactory());
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      assertThat(bob.subscribe(topic)).containsEntry("status", "success");
      long before = fastest(service, topic, bob);
      int taken = 0;
      for (int i = 0; i < 20; i++) {
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        attackers.add(alice);
        assertThat(subscribe(alice, topic, searching(i)).get("errorCode")).isEqualTo("badRequest");
        Map<String, Object> answer = subscribe(alice, topic, worst(i));
        taken += "success".equals(answer.get("status")) ? 1 : 0;
        if (i == 19) {
          assertThat(answer).containsEntry("errorCode", "limitExceeded");
        }
      }
      assertThat(taken).isBetween(1, 5);
      // The share of one user leaves room for another's.
      assertThat(subscribe(bob, "chat/other" + topic.hashCode(), "text = 'x'"))
          .containsEntry("status", "success");
      try (RawBayeuxClient carol = bridge().client(transport, "root").connected()) {
        assertThat(subscribe(carol, topic, "text = 'x'")).containsEntry("status", "success");
      }
      assertThat(fastest(service, topic, bob)).isLessThan(100 * before);
      assertThat(bob.data()).noneMatch(data -> "bridgeStatus".equals(data.get("type")));
    } finally {
      attackers.forEach(RawBayeuxClient::close);
    }
  }

  private static Map<String, Object> subscribe(
      RawBayeuxClient client, String topic, String selector) {
    return client.control("type", "topicSubscribe", "topics", List.of(topic), "selector", selector);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aClientsStringPropertiesAreBounded(Transport transport) {
    String topic = "chat/property" + System.nanoTime();
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      assertThat(alice.send(topic, Map.of("text", "a".repeat(1024)), "x"))
          .containsEntry("successful", true);
      for (String tooLong : List.of("a".repeat(1025), "é".repeat(513))) {
        assertThat((String) alice.send(topic, Map.of("text", tooLong), "x").get("error"))
            .startsWith("limitExceeded:property text");
      }
      assertThat(alice.send(topic, Map.of("JMSType", "a".repeat(513)), "x").get("error"))
          .asString()
          .startsWith("badRequest:");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSelectorReadsItsOwnTopicOnly(Transport transport) {
    String topic = "chat/own" + System.nanoTime();
    try (TestService service = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      for (String selector :
          List.of("TRUE", "JMSMessageID IS NOT NULL", "topic = 'prices.closed.X' OR TRUE")) {
        alice.control("type", "topicUnsubscribe", "topics", List.of(topic));
        assertThat(
                alice.control(
                    "type", "topicSubscribe", "topics", List.of(topic), "selector", selector))
            .containsEntry("status", "success");
        service.publish("prices.closed.X", session -> session.createTextMessage("closed"));
        service.publish("inbox.bob", session -> session.createTextMessage("bob's"));
        service.publish(topic, session -> session.createTextMessage("end " + selector));
        alice.awaitData(data -> ("end " + selector).equals(data.get("body")));
      }
      assertThat(alice.data())
          .noneMatch(data -> List.of("closed", "bob's").contains(data.getOrDefault("body", "")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void twoUsersShareASelectorOnlyOnTheSameTopic(Transport transport) {
    try (TestService service = new TestService(broker().connectionFactory());
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      for (RawBayeuxClient client : List.of(alice, bob)) {
        assertThat(
                client.control(
                    "type", "topicSubscribe", "topics", List.of("inbox"), "selector", "n = 1"))
            .containsEntry("status", "success");
      }
      for (String user : List.of("alice", "bob")) {
        service.publish(
            "inbox." + user,
            session -> {
              var message = session.createTextMessage("for " + user);
              message.setIntProperty("n", 1);
              return message;
            });
      }
      alice.awaitData(data -> "for alice".equals(data.get("body")));
      bob.awaitData(data -> "for bob".equals(data.get("body")));
      assertThat(alice.data()).noneMatch(data -> "for bob".equals(data.get("body")));
      assertThat(bob.data()).noneMatch(data -> "for alice".equals(data.get("body")));
    }
  }
}
