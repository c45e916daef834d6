package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static io.longspan.wire.WireTarget.unique;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Consuming from queues (protocol section 15). */
interface QueueTests extends WireTarget {

  /** Returns a service that answers the bridge's questions about rights. */
  AuthorizationServiceStub authorization();

  /** Returns whether the broker has selectors on queues. */
  default boolean hasQueueSelectors() {
    return true;
  }

  static void send(TestService service, String jmsQueue, String... bodies) {
    for (String body : bodies) {
      service.send(
          session -> session.createQueue(jmsQueue),
          session -> {
            Message message = session.createTextMessage(body);
            message.setStringProperty("kind", body);
            return message;
          });
    }
  }

  static Map<String, Object> consume(RawBayeuxClient client, String queue, Object... fields) {
    Map<String, Object> all = RawBayeuxClient.message("type", "queueSubscribe", "queue", queue);
    all.putAll(RawBayeuxClient.message(fields));
    return client.control(
        all.entrySet().stream()
            .flatMap(field -> java.util.stream.Stream.of(field.getKey(), field.getValue()))
            .toArray());
  }

  static List<Map<String, Object>> deliveries(RawBayeuxClient client) {
    return client.data().stream()
        .filter(data -> "queueMessage".equals(properties(data).get("type")))
        .toList();
  }

  static Map<String, Object> next(RawBayeuxClient client, int number) {
    Awaitility.await().until(() -> deliveries(client).size() >= number);
    return deliveries(client).get(number - 1);
  }

  static Map<String, Object> settle(
      RawBayeuxClient client, String type, Map<String, Object> delivery, Object... fields) {
    Map<String, Object> all =
        RawBayeuxClient.message("type", type, "deliveries", List.of(delivery.get("delivery")));
    all.putAll(RawBayeuxClient.message(fields));
    return client.control(
        all.entrySet().stream()
            .flatMap(field -> java.util.stream.Stream.of(field.getKey(), field.getValue()))
            .toArray());
  }

  static void succeed(Map<String, Object> answer) {
    assertThat(answer).containsEntry("status", "success");
  }

  static void fail(Map<String, Object> answer, Map<String, Object> delivery) {
    assertThat(answer)
        .containsEntry("status", "failed")
        .containsEntry("failedDeliveries", List.of(delivery.get("delivery")));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anAcknowledgedMessageIsNeverDeliveredAgain(Transport transport) {
    String queue = unique("q");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        TestService service = service()) {
      succeed(consume(alice, "work/" + queue));
      send(service, "work." + queue, "one", "two");
      Map<String, Object> first = next(alice, 1);
      assertThat(first).containsEntry("body", "one");
      assertThat(properties(first))
          .containsEntry("queue", "work/" + queue)
          .containsEntry("JMSXDeliveryCount", 1)
          .containsEntry("kind", "one");
      assertThat(settle(alice, "ack", first))
          .containsEntry("status", "success")
          .containsEntry("failedDeliveries", List.of());
      assertThat(next(alice, 2)).containsEntry("body", "two");
      succeed(settle(alice, "ack", next(alice, 2)));
      succeed(consume(bob, "work/" + queue));
      send(service, "work." + queue, "three");
      Awaitility.await().until(() -> deliveries(alice).size() + deliveries(bob).size() == 3);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void noMessageWaitsAtABusyClient(Transport transport) {
    String queue = unique("q");
    try (RawBayeuxClient busy = bridge().connected(transport, "alice");
        RawBayeuxClient idle = bridge().connected(transport, "bob");
        TestService service = service()) {
      succeed(consume(busy, "work/" + queue));
      send(service, "work." + queue, "0");
      next(busy, 1);
      succeed(consume(idle, "work/" + queue));
      send(service, "work." + queue, "1", "2", "3", "4");
      for (int i = 1; i <= 4; i++) {
        assertThat(next(idle, i)).containsEntry("body", String.valueOf(i));
        succeed(settle(idle, "ack", next(idle, i)));
      }
      assertThat(deliveries(busy)).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aClientHasAsManyMessagesAsItsPrefetch(Transport transport) {
    String queue = unique("q");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        TestService service = service()) {
      succeed(consume(alice, "work/" + queue, "prefetch", 5));
      send(
          service,
          "work." + queue,
          IntStream.range(0, 8).mapToObj(String::valueOf).toArray(String[]::new));
      next(alice, 5);
      succeed(consume(bob, "work/" + queue, "prefetch", 3));
      next(bob, 3);
      assertThat(deliveries(alice)).hasSize(5);
      List<Object> handles = deliveries(alice).stream().map(d -> d.get("delivery")).toList();
      succeed(alice.control("type", "ack", "deliveries", handles));
      succeed(alice.control("type", "queueUnsubscribe", "queue", "work/" + queue));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aReleasedMessageGoesToAnyConsumer(Transport transport) {
    String queue = unique("q");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        TestService service = service()) {
      succeed(consume(alice, "work/" + queue));
      send(service, "work." + queue, "one");
      Map<String, Object> first = next(alice, 1);
      succeed(settle(alice, "release", first));
      Map<String, Object> again = next(alice, 2);
      assertThat(again).containsEntry("body", "one");
      assertThat(again.get("delivery")).isNotEqualTo(first.get("delivery"));
      succeed(consume(bob, "work/" + queue));
      succeed(alice.control("type", "queueUnsubscribe", "queue", "work/" + queue));
      assertThat(next(bob, 1)).containsEntry("body", "one");
      fail(settle(alice, "ack", again), again);
      succeed(settle(bob, "ack", next(bob, 1)));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aDelayedReleaseComesBackLater(Transport transport) {
    String queue = unique("q");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        TestService service = service()) {
      succeed(consume(alice, "work/" + queue));
      send(service, "work." + queue, "one", "two");
      succeed(settle(alice, "release", next(alice, 1), "delay", 1500));
      assertThat(next(alice, 2)).containsEntry("body", "two");
      succeed(settle(alice, "ack", next(alice, 2)));
      assertThat(next(alice, 3)).containsEntry("body", "one");
      succeed(settle(alice, "ack", next(alice, 3)));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aRejectedMessageGoesToTheDeadLetterQueue(Transport transport) throws JMSException {
    String queue = unique("q");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        TestService service = service();
        TestService dead = service()) {
      dead.serve("work.dead", (session, message) -> {});
      succeed(consume(alice, "work/" + queue));
      send(service, "work." + queue, queue);
      succeed(settle(alice, "reject", next(alice, 1), "reason", "illegible"));
      Message moved = dead.await(message -> queue.equals(TestService.text(message)));
      assertThat(moved.getStringProperty("reason")).isEqualTo("illegible");
      assertThat(moved.getStringProperty("rejectedBy")).isEqualTo("alice");
      assertThat(moved.getStringProperty("rejectedFrom")).isEqualTo("work/" + queue);
      fail(settle(alice, "ack", next(alice, 1)), next(alice, 1));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aMessageOfAClientThatDisconnectsIsReleased(Transport transport) {
    String queue = unique("q");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        TestService service = service()) {
      succeed(consume(alice, "work/" + queue));
      send(service, "work." + queue, "one");
      next(alice, 1);
      succeed(consume(bob, "work/" + queue));
      alice.control("type", "disconnect");
      assertThat(next(bob, 1)).containsEntry("body", "one");
      succeed(settle(bob, "ack", next(bob, 1)));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aMessageThatIsNotAcknowledgedInTimeIsReleased(Transport transport) {
    String queue = unique("q");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        TestService service = service()) {
      succeed(consume(alice, "brief/" + queue));
      send(service, "work.brief." + queue, "one");
      Map<String, Object> first = next(alice, 1);
      Map<String, Object> again = next(alice, 2);
      assertThat(again).containsEntry("body", "one");
      fail(settle(alice, "ack", first), first);
      succeed(settle(alice, "ack", again));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void nobodySettlesTheMessagesOfOthers(Transport transport) {
    String queue = unique("q");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient second = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        TestService service = service()) {
      succeed(consume(alice, "work/" + queue));
      succeed(consume(bob, "work/" + queue + "-other"));
      send(service, "work." + queue, "one");
      Map<String, Object> mine = next(alice, 1);
      for (String type : List.of("ack", "release", "reject")) {
        fail(settle(bob, type, mine), mine);
        fail(settle(second, type, mine), mine);
        fail(settle(alice, type, Map.of("delivery", "guess")), Map.of("delivery", "guess"));
      }
      succeed(settle(alice, "ack", mine));
      // A handle is used up, also within one message.
      fail(settle(alice, "ack", mine), mine);
      fail(settle(alice, "release", mine), mine);
      assertThat(deliveries(alice)).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void malformedMessagesAreRefused(Transport transport) {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      for (Object prefetch : List.of(0, 101, "1", 1.5)) {
        assertThat(consume(alice, "work/x", "prefetch", prefetch))
            .containsEntry("errorCode", "badRequest");
      }
      assertThat(consume(alice, "work/*")).containsEntry("errorCode", "badRequest");
      assertThat(consume(alice, "work/x", "selector", "a = = 1"))
          .containsEntry("errorCode", "badRequest");
      assertThat(alice.control("type", "ack", "deliveries", List.of()))
          .containsEntry("errorCode", "badRequest");
      assertThat(alice.control("type", "ack", "deliveries", List.of(1)))
          .containsEntry("errorCode", "badRequest");
      assertThat(alice.control("type", "release", "deliveries", List.of("x"), "delay", -1))
          .containsEntry("errorCode", "badRequest");
      assertThat(alice.control("type", "reject", "deliveries", List.of("x"), "reason", 1))
          .containsEntry("errorCode", "badRequest");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void onlyWhoMayReceiveConsumes(Transport transport) {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      for (String queue : List.of("secretwork/x", "services/x", "chat/x", "nowhere/x")) {
        assertThat(consume(alice, queue))
            .containsEntry("status", "failed")
            .containsEntry("errorCode", "notAuthorized");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anEntryLimitsItsConsumers(Transport transport) {
    String queue = "few/" + unique("q");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient again = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        RawBayeuxClient root = bridge().connected(transport, "root")) {
      succeed(consume(alice, queue));
      assertThat(consume(again, queue)).containsEntry("errorCode", "limitExceeded");
      succeed(consume(bob, queue));
      assertThat(consume(root, queue)).containsEntry("errorCode", "limitExceeded");
      succeed(bob.control("type", "queueUnsubscribe", "queue", queue));
      succeed(consume(root, queue));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSelectorLeavesTheOtherMessages(Transport transport) {
    String queue = unique("q");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        TestService service = service()) {
      Map<String, Object> answer = consume(alice, "work/" + queue, "selector", "kind = 'b'");
      if (!hasQueueSelectors()) {
        assertThat(answer).containsEntry("errorCode", "badRequest");
        return;
      }
      succeed(answer);
      assertThat(consume(alice, "work/" + queue)).containsEntry("errorCode", "badRequest");
      send(service, "work." + queue, "a", "b");
      assertThat(next(alice, 1)).containsEntry("body", "b");
      succeed(settle(alice, "ack", next(alice, 1)));
      succeed(consume(bob, "work/" + queue));
      assertThat(next(bob, 1)).containsEntry("body", "a");
      succeed(settle(bob, "ack", next(bob, 1)));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aRevokedRightEndsConsumptionAndReleases(Transport transport) {
    String queue = unique("q");
    AuthorizationServiceStub authorization = authorization();
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob");
        TestService service = service()) {
      authorization.allow("alice");
      succeed(consume(alice, "askedwork/" + queue));
      send(service, "work.asked." + queue, "one");
      Map<String, Object> mine = next(alice, 1);
      authorization.refuse("alice");
      authorization.announce("askedwork/" + queue);
      assertThat(alice.awaitData(data -> "queueUnsubscribed".equals(data.get("type"))))
          .containsEntry("queues", List.of("askedwork/" + queue))
          .containsEntry("reason", "accessRevoked");
      fail(settle(alice, "ack", mine), mine);
      assertThat(consume(alice, "askedwork/" + queue)).containsEntry("errorCode", "notAuthorized");
      succeed(consume(bob, "askedwork/" + queue));
      assertThat(next(bob, 1)).containsEntry("body", "one");
      succeed(settle(bob, "ack", next(bob, 1)));
    } finally {
      authorization.allow("alice");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aResumedClientKeepsItsMessages(Transport transport) {
    String queue = unique("q");
    try (RawBayeuxClient lost = bridge().client(transport, "alice").handshake();
        RawBayeuxClient next = bridge().client(transport, "alice").handshake();
        TestService service = service()) {
      String token = (String) lost.connect().get("resumeToken");
      succeed(consume(lost, "work/" + queue));
      send(service, "work." + queue, "one");
      Map<String, Object> first = next(lost, 1);
      long before = ((Number) first.get("seq")).longValue() - 1;
      assertThat(
              next.control(
                  "type",
                  "connect",
                  "protocolVersion",
                  "1.2",
                  "resume",
                  Map.of("token", token, "seq", before)))
          .containsEntry("resumed", true);
      Map<String, Object> again = next(next, 1);
      assertThat(again)
          .containsEntry("body", "one")
          .containsEntry("delivery", first.get("delivery"));
      succeed(settle(next, "ack", again));
      send(service, "work." + queue, "two");
      assertThat(next(next, 2)).containsEntry("body", "two");
      succeed(settle(next, "ack", next(next, 2)));
    }
  }
}
