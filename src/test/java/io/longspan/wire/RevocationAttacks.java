package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Message;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A user tries to go on reading what it may no longer read (protocol sections 5 and 11). */
interface RevocationAttacks extends AttackTarget {
  /** The metric of subscriptions that were taken away. */
  String REVOKED = "longspan_subscriptions_revoked_total";

  private static String unique(String prefix) {
    return prefix + Long.toHexString(System.nanoTime());
  }

  private static Predicate<Map<String, Object>> revoked(String topic) {
    return data ->
        "topicUnsubscribed".equals(data.get("type"))
            && List.of(topic).equals(data.get("topics"))
            && "accessRevoked".equals(data.get("reason"));
  }

  private static Stream<Object> bodies(RawBayeuxClient client, String topic) {
    return client.data().stream()
        .filter(data -> topic.equals(properties(data).get("topic")))
        .map(data -> data.get("body"));
  }

  private static void publish(TestService service, String topic, String body) {
    service.publish(topic, session -> session.createTextMessage(body));
  }

  private static boolean succeeded(Map<String, Object> answer) {
    return "success".equals(answer.get("status"));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aRevocationEndsOneSubscriptionAndOthersLoseNoMessage(Transport transport) {
    String topic = unique("namedgraphs/g");
    try (TestService source = new TestService(broker().connectionFactory());
        AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker().connectionFactory());
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      assertThat(alice.subscribe(topic)).containsEntry("status", "success");
      assertThat(bob.subscribe(topic)).containsEntry("status", "success");

      IntStream.range(0, 50).forEach(i -> publish(source, topic, "before-" + i));
      authorization.refuse("alice");
      authorization.announce(topic);
      IntStream.range(0, 50).forEach(i -> publish(source, topic, "during-" + i));
      alice.awaitData(revoked(topic));
      IntStream.range(0, 50).forEach(i -> publish(source, topic, "after-" + i));

      List<String> all =
          Stream.of("before-", "during-", "after-")
              .flatMap(p -> IntStream.range(0, 50).mapToObj(i -> p + i))
              .toList();
      Awaitility.await().until(() -> bodies(bob, topic).count() == all.size());
      assertThat(bodies(bob, topic)).containsExactlyElementsOf(all);
      assertNothingFollowsTheNotice(alice, topic);
      assertThat(alice.subscribe(topic)).containsEntry("failedTopics", List.of(topic));
    }
  }

  /** What comes after a sentinel that was sent last would have come before it. */
  private void assertNothingFollowsTheNotice(RawBayeuxClient client, String topic) {
    String sentinel = unique("chat/s");
    assertThat(client.subscribe(sentinel)).containsEntry("status", "success");
    assertThat(client.send(sentinel, Map.of(), "sentinel")).containsEntry("successful", true);
    client.awaitData(data -> sentinel.equals(properties(data).get("topic")));
    List<Map<String, Object>> data = client.data();
    int notice =
        IntStream.range(0, data.size())
            .filter(i -> revoked(topic).test(data.get(i)))
            .reduce((first, last) -> last)
            .orElseThrow();
    assertThat(data.subList(notice, data.size()))
        .noneMatch(d -> topic.equals(properties(d).get("topic")));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void messagesQueuedBeforeTheRevocationAreNotDelivered(Transport transport) {
    String topic = unique("namedgraphs/g");
    String other = unique("chat/c");
    try (TestService source = new TestService(broker().connectionFactory());
        AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker().connectionFactory());
        RawBayeuxClient watcher = bridge().connected(transport, "bob");
        RawBayeuxClient alice = bridge().client(transport, "alice").acknowledging()) {
      alice.connected();
      assertThat(alice.subscribe(topic, other)).containsEntry("status", "success");
      assertThat(watcher.subscribe(topic, other)).containsEntry("status", "success");
      alice.endPolling();

      double revocations = bridge().metric(REVOKED);
      IntStream.range(0, 20).forEach(i -> publish(source, topic, "queued-" + i));
      publish(source, other, "queued before");
      watcher.awaitData(data -> "queued before".equals(data.get("body")));
      authorization.refuse("alice");
      authorization.announce(topic, "user", "alice");
      Awaitility.await().until(() -> bridge().metric(REVOKED) > revocations);
      assertThat(bodies(alice, topic)).isEmpty();

      alice.startPolling();
      alice.awaitData(revoked(topic));
      alice.awaitData(data -> "queued before".equals(data.get("body")));
      assertThat(bodies(alice, topic)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aCheckThatBeganBeforeTheChangeCannotGrant(Transport transport) throws Exception {
    String topic = unique("namedgraphs/g");
    try (AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker().connectionFactory());
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      authorization.hold();
      CompletableFuture<Map<String, Object>> subscribing =
          CompletableFuture.supplyAsync(() -> alice.subscribe(topic));
      Awaitility.await().until(() -> authorization.held() == 1);
      authorization.announce(topic);
      awaitAnnounced(authorization);
      authorization.refuse("alice");
      authorization.releaseAllowing();
      assertThat(RawBayeuxClient.await(subscribing)).containsEntry("failedTopics", List.of(topic));
    }
  }

  /** An event that was announced before another one has been heard when the other one has. */
  private void awaitAnnounced(AuthorizationServiceStub authorization) {
    String probe = unique("namedgraphs/probe");
    try (RawBayeuxClient bob = bridge().connected(Transport.WEBSOCKET, "bob")) {
      int held = authorization.held();
      CompletableFuture<Map<String, Object>> subscribing =
          CompletableFuture.supplyAsync(() -> bob.subscribe(probe));
      Awaitility.await().until(() -> authorization.held() == held + 1);
      authorization.answerHeld(held, true);
      assertThat(RawBayeuxClient.await(subscribing)).containsEntry("status", "success");
      int questions = authorization.questions();
      authorization.announce(probe);
      Awaitility.await().until(() -> authorization.questions() > questions);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aServiceThatNoLongerAnswersIsADenial(Transport transport) {
    String topic = unique("namedgraphs/g");
    try (AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker().connectionFactory());
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      assertThat(alice.subscribe(topic)).containsEntry("status", "success");
      authorization.hold();
      authorization.announce(topic);
      alice.awaitData(revoked(topic));
    }
  }

  /** A service that is too slow to confirm everything in time takes nothing away by that. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anUnconfirmedRightSuspendsASubscriptionAndDoesNotRevokeIt(Transport transport) {
    String name = unique("namedgraphs/slow");
    List<String> topics = IntStream.range(0, 200).mapToObj(i -> name + "-" + i).toList();
    try (TestBridge own = bridgeWith();
        TestService source = new TestService(broker().connectionFactory());
        AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker().connectionFactory());
        RawBayeuxClient alice = own.connected(transport, "alice")) {
      assertThat(alice.control("type", "topicSubscribe", "topics", topics))
          .containsEntry("status", "success");
      authorization.takeForEach(25);
      authorization.announce("namedgraphs/*");
      Awaitility.await().until(() -> own.metric("longspan_subscriptions_suspended_total") > 0);
      topics.forEach(topic -> publish(source, topic, "during"));
      authorization.takeForEach(0);
      topics.forEach(topic -> publish(source, topic, "after"));
      Awaitility.await()
          .until(() -> topics.stream().allMatch(topic -> bodies(alice, topic).count() >= 2));
      for (String topic : topics) {
        assertThat(bodies(alice, topic)).as(topic).containsExactly("during", "after");
      }
      assertThat(own.metric(REVOKED)).isZero();
      assertThat(alice.data()).noneMatch(data -> "gap".equals(data.get("type")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anEditOfTheCatalogueChecksOnlyChangedEntries(Transport transport) {
    String everybody = "{name: \"chat/{room}\", kind: topic, send: [\"*\"], subscribe: [\"*\"]}";
    assertThat(TestBridge.CATALOGUE).contains(everybody);
    String topic = unique("namedgraphs/g");
    String room = unique("chat/r");
    try (TestBridge own = bridgeWith();
        AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker().connectionFactory());
        RawBayeuxClient alice = own.connected(transport, "alice")) {
      assertThat(alice.subscribe(topic, room)).containsEntry("status", "success");
      int questions = authorization.questions();
      own.writeCatalogue(
          "# a comment\n"
              + TestBridge.CATALOGUE.replace(everybody, everybody.replace("chat/", "talk/")));
      alice.awaitData(revoked(room));
      assertThat(own.metric("longspan_subscriptions_checked_total")).isEqualTo(1);
      assertThat(authorization.questions()).isEqualTo(questions);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aMalformedEventCausesACheckOfEverySubscription(Transport transport) {
    String topic = unique("namedgraphs/g");
    try (TestService source = new TestService(broker().connectionFactory());
        AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker().connectionFactory());
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      assertThat(alice.subscribe(topic)).containsEntry("status", "success");
      authorization.refuse("alice");
      publish(source, "bridge/authorization-events", "{\"event\":");
      alice.awaitData(revoked(topic));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aNewCatalogueRevokesWhatItDoesNotGrant(Transport transport) {
    String line = "{name: \"chat/{room}\", kind: topic, send: [\"*\"], subscribe: [%s]}";
    String everybody = line.formatted("\"*\"");
    String bobOnly = line.formatted("\"user:bob\"");
    assertThat(TestBridge.CATALOGUE).contains(everybody);
    try (TestBridge own = bridgeWith();
        RawBayeuxClient alice = own.connected(transport, "alice");
        RawBayeuxClient bob = own.connected(transport, "bob");
        TestService source = new TestService(broker().connectionFactory())) {
      String room = unique("chat/r");
      assertThat(alice.subscribe(room, "prices/**")).containsEntry("status", "success");
      assertThat(bob.subscribe(room)).containsEntry("status", "success");
      own.writeCatalogue(TestBridge.CATALOGUE.replace(everybody, bobOnly));
      alice.awaitData(revoked(room));
      publish(source, room, "for bob");
      bob.awaitData(data -> "for bob".equals(data.get("body")));
      publish(source, "prices.eu.ABC", "still");
      alice.awaitData(data -> "still".equals(data.get("body")));
      assertThat(bodies(alice, room)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aPatternNoLongerCoversWhatANewCatalogueDoesNotGrant(Transport transport) {
    String open = "{name: \"prices/closed/{symbol}\"";
    String more =
        "{name: \"prices/secret/{symbol}\", kind: topic, jms: \"prices.secret.{symbol}\"}";
    try (TestBridge own = bridgeWith();
        RawBayeuxClient alice = own.connected(transport, "alice");
        TestService source = new TestService(broker().connectionFactory())) {
      assertThat(alice.subscribe("prices/**", "chat/x")).containsEntry("status", "success");
      own.writeCatalogue(
          TestBridge.CATALOGUE
              .replace(open, more + "\n  - " + open)
              .replace("name: \"chat/{room}\"", "name: \"talk/{room}\""));
      alice.awaitData(revoked("chat/x"));
      publish(source, "prices.secret.ABC", "secret");
      publish(source, "prices.eu.ABC", "open");
      alice.awaitData(data -> "open".equals(data.get("body")));
      assertThat(alice.data()).noneMatch(data -> "secret".equals(data.get("body")));
    }
  }

  /** Subscribes and is refused at the same time, over and over: the refusal wins each time. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void inARaceOfSubscriptionAndRevocationTheRevocationWins(Transport transport) {
    try (TestService source = new TestService(broker().connectionFactory());
        AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker().connectionFactory());
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      String done = unique("chat/d");
      assertThat(alice.subscribe(done)).containsEntry("status", "success");
      for (int i = 0; i < 40; i++) {
        String topic = unique("namedgraphs/race");
        authorization.allow("alice");
        assertThat(bob.subscribe(topic)).containsEntry("status", "success");
        CompletableFuture<Map<String, Object>> subscribing =
            CompletableFuture.supplyAsync(() -> alice.subscribe(topic));
        if (i % 2 == 1) {
          Thread.onSpinWait();
        }
        authorization.refuse("alice");
        authorization.announce(topic);
        if (succeeded(RawBayeuxClient.await(subscribing))) {
          alice.awaitData(revoked(topic));
        }
        publish(source, topic, "secret");
        bob.awaitData(
            data ->
                topic.equals(properties(data).get("topic")) && "secret".equals(data.get("body")));
        String sentinel = "done-" + i;
        publish(source, done, sentinel);
        alice.awaitData(data -> sentinel.equals(data.get("body")));
        assertThat(bodies(alice, topic)).doesNotContain("secret");
        assertThat(bob.control("type", "topicUnsubscribe", "topics", List.of(topic)))
            .containsEntry("status", "success");
      }
    }
  }

  /** The client need not wait, and reads no error of the transport's. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theHeldPollOfAnEndedSessionIsAnsweredWithAdvice(Transport transport) {
    try (TestService operator = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.stopPolling();
      assertThat(alice.subscribe("chat/x")).containsEntry("status", "success");
      CompletableFuture<Map<String, Object>> held =
          alice.start(
              RawBayeuxClient.message(
                  "channel", "/meta/connect", "connectionType", alice.connectionType()));
      operator.publish(
          "bridge/commands",
          session -> {
            Message command = session.createMessage();
            command.setStringProperty("command", "disconnectClient");
            command.setStringProperty("client", alice.clientId());
            return command;
          });
      if (transport == Transport.LONG_POLLING) {
        Map<String, Object> reply = RawBayeuxClient.await(held);
        assertThat(reply).containsEntry("successful", false);
        assertThat((String) reply.get("error")).startsWith("402:");
        assertThat(reply.get("advice")).asString().contains("reconnect=handshake");
      } else {
        String failure =
            RawBayeuxClient.await(held.handle((reply, thrown) -> String.valueOf(thrown)));
        assertThat(failure).contains("closed 1000");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anOperatorsCommandEndsEverySessionOfAUserAndNobodyElses(Transport transport) {
    try (TestBridge own = bridgeWith("bridge.id", "bridge-of-operator");
        TestService operator = new TestService(broker().connectionFactory());
        RawBayeuxClient first = own.connected(transport, "alice");
        RawBayeuxClient second = own.connected(Transport.LONG_POLLING, "alice");
        RawBayeuxClient bob = own.connected(transport, "bob")) {
      operator.publish(
          "bridge/commands",
          session -> {
            Message command = session.createMessage();
            command.setStringProperty("command", "disconnectUser");
            command.setStringProperty("user", "alice");
            return command;
          });
      Awaitility.await().until(() -> own.metric("longspan_clients_connected") == 1);
      for (RawBayeuxClient ended : List.of(first, second)) {
        try (RawBayeuxClient later = own.client(transport, "alice")) {
          Map<String, Object> reply =
              later.exchange(
                  RawBayeuxClient.message(
                      "channel", "/anzo/control", "clientId", ended.clientId(), "data", Map.of()));
          assertThat((String) reply.get("error")).startsWith("402:");
        }
      }
      assertThat(bob.subscribe(unique("chat/r"))).containsEntry("status", "success");
    }
  }
}
