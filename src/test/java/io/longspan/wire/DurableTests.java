package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static io.longspan.wire.WireTarget.unique;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Durable subscriptions (protocol section 16). */
interface DurableTests extends WireTarget {

  /** Returns a service that answers the bridge's questions about rights. */
  AuthorizationServiceStub authorization();

  private static void publish(TestService service, String jmsTopic, String... bodies) {
    for (String body : bodies) {
      service.send(
          session -> session.createTopic(jmsTopic), session -> session.createTextMessage(body));
    }
  }

  private static Map<String, Object> subscribe(
      RawBayeuxClient client, String topic, Object durable) {
    return client.control("type", "topicSubscribe", "topics", List.of(topic), "durable", durable);
  }

  private static Map<String, Object> unsubscribe(RawBayeuxClient client, String topic) {
    return client.control("type", "topicUnsubscribe", "topics", List.of(topic));
  }

  private static Map<String, Object> forget(RawBayeuxClient client, String topic, String durable) {
    return client.control(
        "type", "topicUnsubscribe", "topics", List.of(topic), "durable", durable, "forget", true);
  }

  private static List<Map<String, Object>> deliveries(RawBayeuxClient client) {
    return client.data().stream().filter(data -> data.containsKey("delivery")).toList();
  }

  private static Map<String, Object> next(RawBayeuxClient client, int number) {
    Awaitility.await().until(() -> deliveries(client).size() >= number);
    return deliveries(client).get(number - 1);
  }

  private static Map<String, Object> settle(
      RawBayeuxClient client, String type, Map<String, Object> delivery) {
    return client.control("type", type, "deliveries", List.of(delivery.get("delivery")));
  }

  private static void acknowledge(RawBayeuxClient client, int number, String body) {
    Map<String, Object> delivery = next(client, number);
    assertThat(delivery).containsEntry("body", body);
    succeed(settle(client, "ack", delivery));
  }

  private static void succeed(Map<String, Object> answer) {
    assertThat(answer).containsEntry("status", "success");
  }

  private static void refused(Map<String, Object> answer, String code) {
    assertThat(answer).containsEntry("status", "failed");
    assertThat(String.valueOf(answer.get("topicErrors"))).contains(code);
  }

  private static Map<String, Object> awaitTakenOver(RawBayeuxClient client) {
    return client.awaitData(
        data ->
            "topicUnsubscribed".equals(data.get("type")) && "takenOver".equals(data.get("reason")));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theBrokerKeepsWhatIsPublishedWhileNobodyIsThere(Transport transport) {
    String topic = unique("t");
    try (TestService service = service()) {
      try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
        succeed(subscribe(alice, "durable/" + topic, "orders"));
        publish(service, "durable." + topic, "1", "2");
        Map<String, Object> first = next(alice, 1);
        assertThat(first).containsEntry("body", "1");
        assertThat(properties(first))
            .containsEntry("type", "topicMessage")
            .containsEntry("topic", "durable/" + topic)
            .doesNotContainKey("JMSRedelivered");
        succeed(settle(alice, "ack", first));
        assertThat(next(alice, 2)).containsEntry("body", "2");
        alice.control("type", "disconnect");
      }
      publish(service, "durable." + topic, "3");
      try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
        succeed(subscribe(alice, "durable/" + topic, "orders"));
        acknowledge(alice, 1, "2");
        acknowledge(alice, 2, "3");
        succeed(unsubscribe(alice, "durable/" + topic));
        publish(service, "durable." + topic, "4");
        succeed(subscribe(alice, "durable/" + topic, "orders"));
        acknowledge(alice, 3, "4");
        succeed(forget(alice, "durable/" + topic, "orders"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aReleasedMessageComesAgainBeforeTheNext(Transport transport) {
    String topic = unique("t");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        TestService service = service()) {
      succeed(subscribe(alice, "durable/" + topic, "orders"));
      publish(service, "durable." + topic, "1", "2");
      Map<String, Object> first = next(alice, 1);
      succeed(settle(alice, "release", first));
      assertThat(settle(alice, "ack", first)).containsEntry("status", "failed");
      acknowledge(alice, 2, "1");
      acknowledge(alice, 3, "2");
      succeed(forget(alice, "durable/" + topic, "orders"));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aNewerSessionTakesItOver(Transport transport) {
    String topic = unique("t");
    try (RawBayeuxClient older = bridge().connected(transport, "alice");
        RawBayeuxClient newer = bridge().connected(transport, "alice");
        TestService service = service()) {
      succeed(subscribe(older, "durable/" + topic, "orders"));
      publish(service, "durable." + topic, "1", "2");
      Map<String, Object> first = next(older, 1);
      succeed(subscribe(newer, "durable/" + topic, "orders"));
      assertThat(awaitTakenOver(older)).containsEntry("topics", List.of("durable/" + topic));
      assertThat(settle(older, "ack", first)).containsEntry("status", "failed");
      acknowledge(newer, 1, "1");
      acknowledge(newer, 2, "2");
      succeed(forget(older, "durable/" + topic, "orders"));
      awaitTakenOver(newer);
      assertThat(deliveries(older)).hasSize(1);
    }
  }

  @Test
  default void anotherBridgeTakesItOver() {
    String topic = unique("t");
    Map<String, String> settings = new HashMap<>(settings());
    settings.put("bridge.id", "bridge-2");
    try (TestBridge other = TestBridge.start(settings);
        RawBayeuxClient here = bridge().connected(Transport.WEBSOCKET, "alice");
        RawBayeuxClient there = other.connected(Transport.WEBSOCKET, "alice");
        TestService service = service()) {
      succeed(subscribe(here, "durable/" + topic, "orders"));
      publish(service, "durable." + topic, "1", "2", "3");
      next(here, 1);
      succeed(subscribe(there, "durable/" + topic, "orders"));
      awaitTakenOver(here);
      acknowledge(there, 1, "1");
      next(there, 2);
      succeed(subscribe(here, "durable/" + topic, "orders"));
      awaitTakenOver(there);
      acknowledge(here, 2, "2");
      acknowledge(here, 3, "3");
      succeed(forget(there, "durable/" + topic, "orders"));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void whatIsForgottenKeepsNothing(Transport transport) {
    String topic = unique("t");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        TestService service = service()) {
      succeed(forget(alice, "durable/" + topic, "never"));
      succeed(subscribe(alice, "durable/" + topic, "orders"));
      succeed(unsubscribe(alice, "durable/" + topic));
      publish(service, "durable." + topic, "1");
      succeed(forget(alice, "durable/" + topic, "orders"));
      succeed(subscribe(alice, "durable/" + topic, "orders"));
      publish(service, "durable." + topic, "2");
      acknowledge(alice, 1, "2");
      succeed(forget(alice, "durable/" + topic, "orders"));
      publish(service, "durable." + topic, "3");
      succeed(subscribe(alice, "durable/" + topic, "orders"));
      publish(service, "durable." + topic, "4");
      acknowledge(alice, 2, "4");
      succeed(forget(alice, "durable/" + topic, "orders"));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void nobodyReachesTheSubscriptionOfAnotherUser(Transport transport) {
    String topic = unique("t");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        TestService service = service()) {
      succeed(subscribe(alice, "durable/" + topic, "orders"));
      succeed(unsubscribe(alice, "durable/" + topic));
      publish(service, "durable." + topic, "1");
      succeed(forget(bob, "durable/" + topic, "orders"));
      succeed(subscribe(bob, "durable/" + topic, "orders"));
      publish(service, "durable." + topic, "2");
      Map<String, Object> second = next(bob, 1);
      assertThat(second).containsEntry("body", "2");
      succeed(subscribe(alice, "durable/" + topic, "orders"));
      Map<String, Object> first = next(alice, 1);
      assertThat(settle(bob, "ack", first)).containsEntry("status", "failed");
      succeed(settle(bob, "ack", second));
      acknowledge(alice, 1, "1");
      acknowledge(alice, 2, "2");
      succeed(forget(alice, "durable/" + topic, "orders"));
      succeed(forget(bob, "durable/" + topic, "orders"));
      assertThat(bob.data()).noneMatch(data -> "takenOver".equals(data.get("reason")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void namesThatReachForSyntaxAreRefused(Transport transport) {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      for (Object name :
          List.of("", "a/b", "a::b", "*", "#", ">", "a,b", "a b", "ä", "x".repeat(65), 7)) {
        assertThat(subscribe(alice, "durable/x", name)).containsEntry("errorCode", "badRequest");
        assertThat(forget(alice, "durable/x", String.valueOf(name) + "?"))
            .containsEntry("errorCode", "badRequest");
      }
      for (String topic : List.of("durable/*", "durable/**", "prices/*/ABC")) {
        refused(subscribe(alice, topic, "orders"), "badRequest");
      }
      for (String topic : List.of("chat/x", "nowhere/x", "work/x", "prices/closed/x")) {
        refused(subscribe(alice, topic, "orders"), "notAuthorized");
        refused(forget(alice, topic, "orders"), "notAuthorized");
      }
      for (String destination : List.of("longspan-durable-x", "Longspan-Durable-x")) {
        assertThat(alice.control("type", "queueSubscribe", "queue", "anywork/" + destination))
            .containsEntry("status", "failed");
        assertThat(alice.send("anyqueue/" + destination, Map.of(), "x"))
            .containsEntry("successful", false);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aTopicIsSubscribedOnceByASession(Transport transport) {
    String topic = "durable/" + unique("t");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      succeed(subscribe(alice, topic, "orders"));
      succeed(subscribe(alice, topic, "orders"));
      refused(subscribe(alice, topic, "others"), "badRequest");
      refused(alice.subscribe(topic), "badRequest");
      succeed(forget(alice, topic, "orders"));
      succeed(alice.subscribe(topic));
      refused(subscribe(alice, topic, "orders"), "badRequest");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aRevokedRightEndsItAndDeletesWhatIsStored(Transport transport) {
    String topic = unique("t");
    AuthorizationServiceStub authorization = authorization();
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        TestService service = service()) {
      authorization.allow("alice");
      succeed(subscribe(alice, "askeddurable/" + topic, "orders"));
      publish(service, "askeddurable." + topic, "1", "2");
      Map<String, Object> first = next(alice, 1);
      authorization.refuse("alice");
      authorization.announce("askeddurable/" + topic);
      assertThat(alice.awaitData(data -> "topicUnsubscribed".equals(data.get("type"))))
          .containsEntry("topics", List.of("askeddurable/" + topic))
          .containsEntry("reason", "accessRevoked");
      assertThat(settle(alice, "ack", first)).containsEntry("status", "failed");
      refused(subscribe(alice, "askeddurable/" + topic, "orders"), "notAuthorized");
      authorization.allow("alice");
      authorization.announce("askeddurable/" + topic);
      Awaitility.await()
          .until(
              () ->
                  "success"
                      .equals(subscribe(alice, "askeddurable/" + topic, "orders").get("status")));
      publish(service, "askeddurable." + topic, "3");
      acknowledge(alice, 2, "3");
      succeed(forget(alice, "askeddurable/" + topic, "orders"));
    } finally {
      authorization.allow("alice");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aResumedSessionKeepsIt(Transport transport) {
    String topic = unique("t");
    try (RawBayeuxClient lost = bridge().client(transport, "alice").handshake();
        RawBayeuxClient next = bridge().client(transport, "alice").handshake();
        TestService service = service()) {
      String token = (String) lost.connect().get("resumeToken");
      succeed(subscribe(lost, "durable/" + topic, "orders"));
      publish(service, "durable." + topic, "1", "2");
      Map<String, Object> first = next(lost, 1);
      long before = ((Number) first.get("seq")).longValue() - 1;
      Object resume = Map.of("token", token, "seq", before);
      assertThat(next.control("type", "connect", "protocolVersion", "1.2", "resume", resume))
          .containsEntry("resumed", true);
      assertThat(next(next, 1)).containsEntry("delivery", first.get("delivery"));
      acknowledge(next, 1, "1");
      acknowledge(next, 2, "2");
      succeed(forget(next, "durable/" + topic, "orders"));
    }
  }
}
