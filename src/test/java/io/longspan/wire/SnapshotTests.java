package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static io.longspan.wire.WireTarget.unique;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The state first, from a service, and then the changes (protocol section 17). */
interface SnapshotTests extends WireTarget {

  private StateService stateService() {
    return new StateService(service());
  }

  private static CompletableFuture<Map<String, Object>> subscribing(
      RawBayeuxClient client, String topic) {
    return CompletableFuture.supplyAsync(() -> client.subscribe(topic));
  }

  private static List<String> bodies(RawBayeuxClient client) {
    return client.data().stream()
        .filter(data -> data.get("body") != null)
        .map(data -> (String) data.get("body"))
        .toList();
  }

  private static void awaitBody(RawBayeuxClient client, String body) {
    client.awaitData(data -> body.equals(data.get("body")));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theStateComesFirstAndThenWhatItDoesNotInclude(Transport transport) throws Exception {
    String topic = unique("state/s");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        StateService service = stateService()) {
      service.hold();
      CompletableFuture<Map<String, Object>> answer = subscribing(alice, topic);
      assertThat(service.awaitQuestion(topic).toString())
          .isEqualTo(
              "{\"operation\":\"snapshot\",\"topic\":\"%s\",\"user\":\"alice\"}".formatted(topic));
      Message question = service.questions(topic).get(0);
      assertThat(question.getStringProperty("runAsUser")).isEqualTo("alice");
      assertThat(question.getStringProperty("bridgeClientId")).isEqualTo(alice.clientId());
      assertThat(question.getStringProperty("bridgeId")).isNotEmpty();
      service.publish(topic);
      service.publish(topic);
      service.answer();
      service.publish(topic);
      assertThat(answer.get()).containsEntry("status", "success");
      service.publish(topic);
      awaitBody(alice, "m4");
      assertThat(bodies(alice)).containsExactly("state2", "m3", "m4");
      Map<String, Object> state =
          properties(alice.awaitData(data -> "state2".equals(data.get("body"))));
      assertThat(state)
          .containsEntry("type", "snapshot")
          .containsEntry("topic", topic)
          .doesNotContainKey("JMSCorrelationID");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theStateMayComeInPartsWhileMessagesArePublished(Transport transport) {
    String topic = unique("state/s");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        StateService service = stateService()) {
      service.hold();
      CompletableFuture<Map<String, Object>> answer = subscribing(alice, topic);
      service.awaitQuestion(topic);
      IntStream.range(0, 50).forEach(i -> service.publish(topic));
      service.answerInParts(3);
      IntStream.range(0, 50).forEach(i -> service.publish(topic));
      awaitBody(alice, "m100");
      assertThat(answer.join()).containsEntry("status", "success");
      List<String> expected = new ArrayList<>(List.of("state50.1", "state50.2", "state50.3"));
      IntStream.rangeClosed(51, 100).forEach(i -> expected.add("m" + i));
      assertThat(bodies(alice)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aPatternHasOneSnapshot(Transport transport) {
    String market = unique("m");
    String pattern = "stateprices/" + market + "/*";
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        StateService service = stateService()) {
      service.hold();
      CompletableFuture<Map<String, Object>> answer = subscribing(alice, pattern);
      service.awaitQuestion(pattern);
      service.publish("stateprices." + market + ".A");
      service.answer();
      assertThat(answer.join()).containsEntry("status", "success");
      service.publish("stateprices." + market + ".B");
      awaitBody(alice, "m2");
      assertThat(bodies(alice)).containsExactly("state1", "m2");
      assertThat(properties(alice.awaitData(data -> "state1".equals(data.get("body")))))
          .containsEntry("topic", pattern);
      assertThat(service.questions(pattern)).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void clientsThatSubscribeTogetherShareTheState(Transport transport) {
    List<RawBayeuxClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 6; i++) {
        clients.add(bridge().connected(transport, i % 2 == 0 ? "alice" : "bob"));
      }
      // On a machine that takes a second for each client they share nothing: once more then.
      Awaitility.await().until(() -> questionsOf(clients) < clients.size());
    } finally {
      clients.forEach(RawBayeuxClient::close);
    }
  }

  private int questionsOf(List<RawBayeuxClient> clients) {
    String topic = unique("sharedstate/s");
    try (StateService service = stateService()) {
      service.hold();
      clients.forEach(
          client ->
              client.start(
                  RawBayeuxClient.message(
                      "channel",
                      "/anzo/control",
                      "data",
                      RawBayeuxClient.message(
                          "correlationId",
                          topic,
                          "type",
                          "topicSubscribe",
                          "topics",
                          List.of(topic)))));
      service.awaitQuestion(topic);
      service.publish(topic);
      service.answer();
      clients.forEach(
          client ->
              assertThat(client.awaitData(data -> topic.equals(data.get("correlationId"))))
                  .containsEntry("status", "success"));
      service.publish(topic);
      for (RawBayeuxClient client : clients) {
        client.awaitData(
            data -> "m2".equals(data.get("body")) && topic.equals(properties(data).get("topic")));
        assertThat(
                client.data().stream()
                    .filter(data -> data.containsKey("body"))
                    .filter(data -> topic.equals(properties(data).get("topic")))
                    .map(data -> data.get("body")))
            .containsExactly("state1", "m2");
      }
      return service.questions(topic).size();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void withoutAnAnswerInTimeTheTopicIsNotSubscribed(Transport transport) {
    String topic = unique("state/s");
    try (RawBayeuxClient alice = bridge().connected(transport, "alice");
        StateService service = stateService()) {
      service.hold();
      Map<String, Object> answer = alice.subscribe(topic, "chat/" + topic.substring(6));
      assertThat(answer)
          .containsEntry("status", "failed")
          .containsEntry("failedTopics", List.of(topic))
          .containsEntry("topicTemporary", List.of(true));
      service.publish(topic);
      service.answer();
      service.publish("chat/" + topic.substring(6));
      awaitBody(alice, "m2");
      assertThat(bodies(alice)).containsExactly("m2");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aSessionThatIsResumedAsksForNoFurtherSnapshot(Transport transport) {
    String topic = unique("state/s");
    try (RawBayeuxClient alice = bridge().client(transport, "alice");
        RawBayeuxClient again = bridge().client(transport, "alice");
        StateService service = stateService()) {
      alice.handshake();
      Map<String, Object> connected = alice.connect();
      assertThat(alice.subscribe(topic)).containsEntry("status", "success");
      service.publish(topic);
      Map<String, Object> last = alice.awaitData(data -> "m1".equals(data.get("body")));
      alice.cut();
      service.publish(topic);
      again.handshake();
      assertThat(
              again.control(
                  "type",
                  "connect",
                  "protocolVersion",
                  "1.1",
                  "resume",
                  Map.of("token", connected.get("resumeToken"), "seq", last.get("seq"))))
          .containsEntry("resumed", true);
      awaitBody(again, "m2");
      assertThat(bodies(again)).containsExactly("m2");
      assertThat(service.questions(topic)).hasSize(1);
    }
  }
}
