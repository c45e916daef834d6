package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A user tries to read a state that is not his to read, or to wear out its service (section 17).
 */
interface SnapshotAttacks extends AttackTarget {

  private static String unique(String prefix) {
    return prefix + Long.toHexString(System.nanoTime());
  }

  private static boolean isOf(Map<String, Object> data, String topic) {
    return data.containsKey("body") && topic.equals(properties(data).get("topic"));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aRightThatEndsWhileTheSnapshotIsUnderWayGivesNothing(Transport transport) {
    String topic = unique("askedstate/s");
    try (StateService service = new StateService(new TestService(broker().connectionFactory()));
        AuthorizationServiceStub authorization =
            new AuthorizationServiceStub(broker().connectionFactory());
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      service.hold();
      CompletableFuture<Map<String, Object>> answer =
          CompletableFuture.supplyAsync(() -> alice.subscribe(topic));
      service.awaitQuestion(topic);
      service.publish(topic);
      authorization.refuse("alice");
      authorization.announce(topic);
      assertThat(answer.join())
          .containsEntry("failedTopics", List.of(topic))
          .extracting("topicErrors")
          .asString()
          .contains("notAuthorized");
      service.answer();
      service.publish(topic);
      String sentinel = unique("chat/s");
      assertThat(alice.subscribe(sentinel)).containsEntry("status", "success");
      service.publish(sentinel);
      alice.awaitData(data -> isOf(data, sentinel));
      assertThat(alice.data()).noneMatch(data -> isOf(data, topic));
    }
  }

  /** Both users subscribe to the same logical name, and the entry shares answers. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSharedSnapshotOfOneUserReachesNobodyElse(Transport transport) {
    String topic = unique("ownstate/s");
    try (StateService service = new StateService(new TestService(broker().connectionFactory()));
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      assertThat(alice.subscribe(topic)).containsEntry("status", "success");
      assertThat(bob.subscribe(topic)).containsEntry("status", "success");
      assertThat(
              service.questions(topic).stream()
                  .map(question -> StateService.json(question).path("user").textValue()))
          .containsExactlyInAnyOrder("alice", "bob");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aRequestOfAClientCannotPassForAnAnswerOfTheService(Transport transport) {
    String topic = unique("state/s");
    try (StateService service = new StateService(new TestService(broker().connectionFactory()));
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      service.hold();
      CompletableFuture<Map<String, Object>> answer =
          CompletableFuture.supplyAsync(() -> alice.subscribe(topic));
      service.awaitQuestion(topic);
      try {
        String id = service.questions(topic).get(0).getJMSCorrelationID();
        String reply = TestService.nameOf(service.questions(topic).get(0).getJMSReplyTo());
        for (String name : List.of(reply, "anyqueue/" + reply, "anytopic/" + reply, "chat/x")) {
          bob.send(name, Map.of("JMSCorrelationID", id, "type", "snapshot"), "forged");
        }
      } catch (jakarta.jms.JMSException x) {
        throw new IllegalStateException(x);
      }
      service.answer();
      assertThat(answer.join()).containsEntry("status", "success");
      assertThat(alice.data()).noneMatch(data -> "forged".equals(data.get("body")));
      assertThat(alice.data()).anyMatch(data -> "state0".equals(data.get("body")));
    }
  }

  /** Whoever subscribes again and again is bounded like any other who sends too much. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  default void subscribingInALoopLeavesNothingBehind(Transport transport) {
    try (StateService service = new StateService(new TestService(broker().connectionFactory()));
        TestBridge own = bridgeWith("bridge.id", "bridge-s");
        RawBayeuxClient alice = own.connected(transport, "alice")) {
      service.hold();
      String prefix = unique("state/s");
      List<String> topics = IntStream.range(0, 50).mapToObj(i -> prefix + i).toList();
      assertThat(alice.control("type", "topicSubscribe", "topics", topics))
          .containsEntry("status", "failed")
          .containsEntry("failedTopics", topics)
          .containsEntry("temporary", true);
      assertThat(own.metric("longspan_snapshots_total{outcome=\"unanswered\"}")).isEqualTo(50);
      assertThat(own.metric("longspan_budget_bytes{purpose=\"requests\"}")).isZero();
    }
  }
}
