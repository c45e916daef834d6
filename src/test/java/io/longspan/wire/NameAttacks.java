package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static io.longspan.wire.TestService.text;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Names that a client writes so that a broker takes them for something else: every name on every
 * path, against catalogues that grant as much as a catalogue can. The broker itself is asked what
 * it holds.
 */
interface NameAttacks extends AttackTarget {
  String NOT_AUTHORIZED = "notAuthorized:the destination does not exist or you may not use it";

  /** As much as can be granted; {@code kind} is what all of it is. */
  String ALL =
      """
      destinations:
        - {name: "services/{s}", kind: queue, send: ["*"]}
        - {name: "one/{x}", kind: %1$s, jms: "{x}", send: ["*"] %2$s}
        - {name: "rest/{x...}", kind: %1$s, jms: "{x}", send: ["*"] %2$s}
        - {name: "{x...}", kind: %1$s, send: ["*"] %3$s}
      """;

  String ALL_TOPICS =
      ALL.formatted("topic", ", subscribe: [\"*\"], wildcards: true", ", subscribe: [\"*\"]");
  String ALL_QUEUES = ALL.formatted("queue", "", "");

  /** Names that no catalogue can grant, because of what a broker would make of them. */
  static List<String> refusedNames(String temporaryTopic) {
    List<String> names = new ArrayList<>();
    // Another client's temporary topic, as each broker and protocol writes it.
    for (String prefix :
        List.of(
            "",
            "temp-topic://",
            "temp-queue://",
            "topic://",
            "queue://",
            "/temp-topic/",
            "temp-topic/",
            "temp-",
            "TEMP-TOPIC://",
            "jms.temptopic.",
            "jms.tempqueue.",
            "one/",
            "rest/",
            "open::",
            "open,",
            "open,topic://")) {
      names.add(prefix + temporaryTopic);
    }
    names.add("ID:" + UUID.randomUUID());
    names.add("id:nobody-1-2:3:4");
    names.add(UUID.randomUUID().toString());
    names.add("one/" + UUID.randomUUID().toString().toUpperCase(java.util.Locale.ROOT));
    // Composites, kinds, options, fully qualified queue names, wildcards.
    names.addAll(
        List.of(
            "A,queue://SECRET",
            "A,SECRET",
            ",SECRET",
            "queue://SECRET",
            "topic://SECRET",
            "QUEUE://SECRET",
            "SECRET?consumer.exclusive=true",
            "SECRET?consumer.selector=TRUE",
            "?SECRET",
            "SECRET::SECRET",
            "::SECRET",
            "SECRET::",
            "*",
            ">",
            "#",
            "*.SECRET",
            "SECRET.>",
            "SECRET.#",
            "S*",
            "**",
            "*/*",
            "one/*,SECRET",
            "rest/>",
            "rest/#"));
    // What belongs to a broker or to the bridges.
    names.addAll(
        List.of(
            "ActiveMQ.Advisory.Connection",
            "activemq.advisory.Queue",
            "rest/ActiveMQ/Advisory/Connection",
            "ActiveMQ.DLQ",
            "ActiveMQ.Statistics.Broker",
            "ActiveMQ.Scheduler.Management",
            "ActiveMQ.Agent",
            "activemq.notifications",
            "activemq.management",
            "rest/activemq/notifications",
            "$sys",
            "$SYS/broker",
            "$.artemis.internal.sf.my-cluster",
            "one/$sys",
            "_AMQ_x",
            "bridge/push",
            "bridge/commands",
            "bridge/clients",
            "bridge/authorization-events",
            "DLQ",
            "dlq",
            "one/DLQ",
            "DLQ.SECRET",
            "ExpiryQueue",
            "rest/ExpiryQueue",
            "jms.queue.SECRET",
            "jms.topic.SECRET",
            "VirtualTopic.SECRET",
            "rest/VirtualTopic/SECRET",
            "Consumer.A.VirtualTopic.SECRET",
            "rest/Consumer/A/VirtualTopic/SECRET"));
    // What is no name: segments, controls, other alphabets that look or fold like ours.
    names.addAll(
        List.of(
            "",
            "/",
            "/SECRET",
            "SECRET/",
            "a//SECRET",
            ".",
            "..",
            "./SECRET",
            "a/../SECRET",
            "rest/./SECRET",
            " SECRET",
            "SECRET ",
            "SECRET\t",
            "SECRET\u0000",
            "\u0000SECRET",
            "SECRET\r\nX-Evil: 1",
            "SECRET\n",
            "SECRET\u007f",
            "SECRET\u0085",
            "SECRET\u2028",
            "\u202eTERCES",
            "SECRE\u200bT",
            "\ufeffSECRET",
            "\uff33\uff25\uff23\uff32\uff25\uff34", // full width
            "\u0405ECRET", // Cyrillic
            "SECRET\u0301",
            "SECRET\u2024x", // one dot leader
            "a\u2215SECRET", // division slash
            "a\uff0cSECRET", // full width comma
            "SECRET\uff0a",
            "\ud800SECRET",
            "\uffff",
            "'SECRET'",
            "\"SECRET\"",
            "SECRET;",
            "SECRET|x",
            "a\\SECRET",
            "{x}",
            "{user}",
            "${user}",
            "#{user}",
            "<SECRET>",
            "x".repeat(513),
            "x/".repeat(32_768),
            "x".repeat(65_536)));
    return names;
  }

  /** Names that mean nothing to a broker, however they look: they are what they say. */
  Map<String, String> HARMLESS =
      Map.of(
          "one/A%2Cqueue%3A%2F%2FSECRET", "A%2Cqueue%3A%2F%2FSECRET",
          "one/%252E%252E", "%25252E%25252E",
          "one/SECRET%00", "SECRET%00",
          "one/%C0%AESECRET", "%C0%AESECRET",
          "one/ActiveMQ.Advisory.Connection", "ActiveMQ%2EAdvisory%2EConnection",
          "rest/bridge/push", "bridge.push",
          "open/(urn%3Ax)", "open/(urn%3Ax)",
          "one/SECRET%2E", "SECRET%252E");

  /** A client whose temporary topic the attacker knows, and what must not be reached. */
  final class Victims implements AutoCloseable {
    final RawBayeuxClient bob;
    final TestService service;
    final TestService secret;
    final TestService events;
    final Message request;

    Victims(AttackTarget target, TestBridge bridge, Transport transport) {
      bob = bridge.connected(transport, "bob");
      service = new TestService(target.broker().connectionFactory());
      service.serve("services/known", (session, message) -> {});
      secret = new TestService(target.broker().connectionFactory());
      secret.serve("SECRET", (session, message) -> {}).watch("SECRET").watch("bridge/commands");
      secret.serve("Consumer.A.VirtualTopic.SECRET", (session, message) -> {});
      events = new TestService(target.broker().connectionFactory()).watch("bridge/clients");
      bob.send("services/known", Map.of("JMSCorrelationID", "known"), "here I am");
      request = service.awaitFirst();
    }

    String temporaryTopic() {
      try {
        return ((Topic) request.getJMSReplyTo()).getTopicName();
      } catch (JMSException x) {
        throw new IllegalStateException(x);
      }
    }

    /** Everything that was sent before the sentinels would have been heard before them. */
    void requireHeardNothing() {
      service.send(session -> request.getJMSReplyTo(), session -> session.createTextMessage("end"));
      service.send(session -> session.createQueue("SECRET"), s -> s.createTextMessage("end"));
      service.publish("SECRET", session -> session.createTextMessage("end"));
      bob.awaitData(data -> "end".equals(data.get("body")));
      Awaitility.await().until(() -> secret.received().size() >= 2);
      assertThat(bob.data()).filteredOn(data -> data.containsKey("body")).hasSize(1);
      assertThat(secret.received()).hasSize(2).allMatch(m -> text(m).equals("end"));
      assertThat(events.received()).noneMatch(m -> text(m).contains("evil"));
    }

    @Override
    public void close() {
      bob.close();
      service.close();
      secret.close();
      events.close();
    }
  }

  /** The names of temporary topics, of ActiveMQ and of Artemis. */
  Pattern TEMPORARY = Pattern.compile("temp-topic://.*|\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-.*");

  /**
   * What the broker holds now and did not hold then. A destination of an earlier test may go at any
   * moment, its clients may end and be announced on {@code bridge/clients}, and a bridge's
   * heartbeat goes to a temporary topic that was there before: no news.
   */
  static Map<String, String> news(Map<String, String> then, Map<String, String> now) {
    Map<String, String> news = new HashMap<>(now);
    news.entrySet().removeAll(then.entrySet());
    news.values().removeIf(counts -> counts.contains(BrokerView.GONE));
    news.keySet().removeIf(name -> name.endsWith("bridge/clients") && then.containsKey(name));
    news.keySet().removeIf(name -> then.containsKey(name) && TEMPORARY.matcher(name).matches());
    return news;
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void noSendReachesADestinationThatNoCatalogueCanGrant(Transport transport) {
    for (String catalogue : List.of(ALL_TOPICS, ALL_QUEUES)) {
      try (TestBridge bridge = bridgeWithCatalogue(catalogue);
          RawBayeuxClient alice = bridge.connected(transport, "alice");
          Victims victims = new Victims(this, bridge, transport);
          BrokerView view = BrokerView.of(broker())) {
        alice.send("services/known", Map.of(), "warm up");
        Awaitility.await().until(() -> victims.service.received().size() == 2);
        Map<String, String> before = view.destinations();
        for (String name : refusedNames(victims.temporaryTopic())) {
          requireRefused(name, alice.send(name, Map.of(), "evil").get("error"));
          requireRefused(
              name,
              alice.publish("/anzo/bridge", message("replyTo", name, "body", "evil")).get("error"));
        }
        assertThat(news(before, view.destinations())).isEmpty();
        victims.requireHeardNothing();
        String fine = catalogue.equals(ALL_TOPICS) ? "open/topic" : "open/queue";
        assertThat(alice.send(fine, Map.of(), "x")).containsEntry("successful", true);
      }
    }
  }

  private static void requireRefused(String name, Object error) {
    assertThat(error)
        .as("%s", name)
        .isInstanceOfSatisfying(
            String.class,
            text ->
                assertThat(text.equals(NOT_AUTHORIZED) || text.startsWith("badRequest:"))
                    .as("%s: %s", name, text)
                    .isTrue());
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void noSubscriptionReachesADestinationThatNoCatalogueCanGrant(Transport transport) {
    try (TestBridge bridge = bridgeWithCatalogue(ALL_TOPICS);
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        Victims victims = new Victims(this, bridge, transport);
        BrokerView view = BrokerView.of(broker())) {
      assertThat(alice.subscribe("open/fine")).containsEntry("status", "success");
      List<String> names =
          refusedNames(victims.temporaryTopic()).stream()
              .filter(name -> name.length() < 1000)
              .distinct()
              .toList();
      Map<String, String> before = view.destinations();
      Map<String, Object> answer = alice.subscribe(names.toArray(String[]::new));
      assertThat(answer).containsEntry("status", "failed");
      assertThat((List<?>) answer.get("failedTopics")).hasSameSizeAs(names);
      List<?> errors = (List<?>) answer.get("topicErrors");
      for (int i = 0; i < names.size(); i++) {
        requireRefused(names.get(i), errors.get(i));
      }
      Map<String, Object> resumeFrom = new LinkedHashMap<>();
      // Half a surrogate pair in a member's name is no JSON to the server's parser.
      names.stream()
          .filter(name -> name.chars().noneMatch(c -> Character.isSurrogate((char) c)))
          .forEach(name -> resumeFrom.put(name, "ID:x"));
      alice.control(
          "type", "topicSubscribe", "topics", List.of("open/fine"), "resumeFrom", resumeFrom);
      alice.control("type", "topicUnsubscribe", "topics", names);
      assertThat(news(before, view.destinations())).isEmpty();
      assertThat(alice.subscribe("x".repeat(65_536))).containsEntry("status", "failed");
      victims.requireHeardNothing();
      victims.service.publish("open/fine", session -> session.createTextMessage("last"));
      alice.awaitData(data -> "last".equals(data.get("body")));
      assertThat(alice.data()).filteredOn(data -> data.containsKey("body")).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aPatternOfEverythingReceivesNothingOfTheBrokerOrOtherClients(Transport transport) {
    try (TestBridge bridge = bridgeWithCatalogue(ALL_TOPICS);
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        Victims victims = new Victims(this, bridge, transport)) {
      assertThat(alice.subscribe("rest/**", "one/*")).containsEntry("status", "success");
      victims.requireHeardNothing();
      TestService service = victims.service;
      service.send(session -> session.createQueue("openqueue"), s -> s.createTextMessage("queue"));
      service.publish("bridge/clients", session -> session.createTextMessage("clients"));
      try (RawBayeuxClient another = bridge.connected(transport, "bob")) {
        another.send("services/known", Map.of("JMSCorrelationID", "other"), "advisories");
        service.await(m -> "other".equals(correlationId(m)));
      }
      service.publish("open", session -> session.createTextMessage("last"));
      alice.awaitData(data -> "last".equals(data.get("body")) && isOf("rest/**", data));
      alice.awaitData(data -> "last".equals(data.get("body")) && isOf("one/*", data));
      assertThat(alice.data())
          .filteredOn(data -> data.containsKey("body"))
          .extracting(data -> RawBayeuxClient.properties(data).get("topic"))
          // The two that were published to topics which these patterns do grant.
          .containsExactlyInAnyOrder("rest/open", "one/open", "rest/SECRET", "one/SECRET");
    }
  }

  private static boolean isOf(String pattern, Map<String, Object> data) {
    return pattern.equals(RawBayeuxClient.properties(data).get("subscription"));
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
  default void anEncodedNameReachesOnlyItsOwnDestination(Transport transport) {
    try (TestBridge bridge = bridgeWithCatalogue(ALL_TOPICS);
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        Victims victims = new Victims(this, bridge, transport);
        TestService expected = new TestService(broker().connectionFactory());
        BrokerView view = BrokerView.of(broker())) {
      HARMLESS.values().forEach(expected::watch);
      Map<String, String> before = view.destinations();
      HARMLESS
          .keySet()
          .forEach(
              name ->
                  assertThat(alice.send(name, Map.of("from", name), "x"))
                      .as(name)
                      .containsEntry("successful", true));
      Awaitility.await().until(() -> expected.received().size() >= HARMLESS.size());
      assertThat(expected.received())
          .hasSize(HARMLESS.size())
          .allSatisfy(
              m ->
                  assertThat(((Topic) m.getJMSDestination()).getTopicName())
                      .isEqualTo(HARMLESS.get(m.getStringProperty("from"))));
      assertThat(view.destinations().keySet()).isSubsetOf(before.keySet());
      victims.requireHeardNothing();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aRejectionDoesNotRevealWhetherADestinationExists(Transport transport) {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      List<String> names =
          List.of("secret/real", "nowhere/real", "prices/closed/ABC", "services", "DLQ");
      for (String name : names) {
        assertThat(alice.send(name, Map.of(), "x")).containsEntry("error", NOT_AUTHORIZED);
      }
      Map<String, Object> answer =
          alice.subscribe("secret/real", "nowhere/real", "prices/closed/ABC", "nowhere/*", "DLQ");
      assertThat((List<?>) answer.get("topicErrors")).hasSize(5).allMatch(NOT_AUTHORIZED::equals);
    }
  }
}
