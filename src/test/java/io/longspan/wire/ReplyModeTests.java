package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static io.longspan.wire.RawBayeuxClient.properties;
import static io.longspan.wire.TestService.text;
import static io.longspan.wire.WireTarget.unique;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.jms.admin.RMQDestination;
import io.longspan.config.LongspanConfig.ReplyMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How answers come back ({@code replies}, protocol section 14). */
interface ReplyModeTests extends WireTarget {
  String PREFIX = "longspan.reply.bridge-1";

  /** Returns a mode as the configuration names it. */
  static String word(ReplyMode mode) {
    return switch (mode) {
      case TEMPORARY_TOPIC -> "temporaryTopic";
      case TEMPORARY_QUEUE -> "temporaryQueue";
      case TOPIC -> "topic";
      case QUEUE -> "queue";
    };
  }

  private static void assertIsAddress(Destination address, ReplyMode mode) throws JMSException {
    assertThat(isTemporary(address))
        .isEqualTo(mode == ReplyMode.TEMPORARY_TOPIC || mode == ReplyMode.TEMPORARY_QUEUE);
    assertThat(isQueue(address))
        .isEqualTo(mode == ReplyMode.TEMPORARY_QUEUE || mode == ReplyMode.QUEUE);
    if (mode == ReplyMode.TOPIC) {
      assertThat(((Topic) address).getTopicName()).matches("\\Q" + PREFIX + ".\\E[\\w-]{24}");
    } else if (mode == ReplyMode.QUEUE) {
      assertThat(((Queue) address).getQueueName()).isEqualTo(PREFIX);
    }
  }

  private static boolean isTemporary(Destination address) {
    // RabbitMQ has one class for destinations of every kind.
    return address instanceof RMQDestination rabbit
        ? rabbit.isTemporary()
        : address instanceof TemporaryTopic || address instanceof TemporaryQueue;
  }

  private static boolean isQueue(Destination address) {
    return address instanceof RMQDestination rabbit ? rabbit.isQueue() : address instanceof Queue;
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theServiceAnswersToAnAddressOfTheConfiguredKind(Transport transport)
      throws Exception {
    String queue = unique("services/s");
    try (TestService service = service().serve(queue, TestService::echo);
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.send(queue, Map.of("JMSCorrelationID", "r-1"), "hello");
      assertThat(alice.awaitAnswer("r-1")).containsEntry("body", "hello");
      Message request = service.awaitFirst();
      assertIsAddress(request.getJMSReplyTo(), replies());
      if (replies() == ReplyMode.QUEUE) {
        assertThat(request.getJMSCorrelationID()).hasSize(24).isNotEqualTo("r-1");
      } else {
        assertThat(request.getJMSCorrelationID()).isEqualTo("r-1");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anEntryCanSetHowItsAnswersComeBack(Transport transport) throws Exception {
    try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      for (ReplyMode mode : ReplyMode.values()) {
        String queue = unique(word(mode) + "/s");
        try (TestService service = service().serve(queue, TestService::echo)) {
          for (String id : List.of("r-1", "r-2")) {
            alice.send(queue, Map.of("JMSCorrelationID", word(mode) + id), "hello");
            alice.awaitAnswer(word(mode) + id);
          }
          assertThat(service.received()).hasSize(2);
          Destination address = service.received().get(0).getJMSReplyTo();
          assertIsAddress(address, mode);
          assertThat(TestService.nameOf(service.received().get(1).getJMSReplyTo()))
              .isEqualTo(TestService.nameOf(address));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void answersReachOnlyTheClientThatHasAsked(Transport transport) throws Exception {
    String queue = unique("services/s");
    try (TestService service =
            service()
                .serve(
                    queue,
                    (session, request) -> {
                      for (String done : List.of("false", "true")) {
                        Message answer = session.createTextMessage(text(request));
                        answer.setStringProperty("done", done);
                        TestService.reply(session, request, answer);
                      }
                    });
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient second = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      List<RawBayeuxClient> clients = List.of(alice, second, bob);
      for (int i = 0; i < 10; i++) {
        for (RawBayeuxClient client : clients) {
          client.send(queue, Map.of("JMSCorrelationID", "r-" + i), "to " + clients.indexOf(client));
        }
      }
      for (RawBayeuxClient client : clients) {
        String own = "to " + clients.indexOf(client);
        Awaitility.await().until(() -> bodies(client).size() >= 20);
        assertThat(new HashSet<>(bodies(client))).isEqualTo(Set.of(own));
      }
    }
  }

  private static List<Object> bodies(RawBayeuxClient client) {
    return client.data().stream()
        .filter(data -> properties(data).get("JMSCorrelationID") != null)
        .map(data -> data.get("body"))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anAnswerToAnEndedClientReachesNobody(Transport transport) throws Exception {
    String queue = unique("services/s");
    try (TestService service = service().serve(queue, (session, request) -> {})) {
      try (RawBayeuxClient alice = bridge().connected(transport, "alice")) {
        alice.send(queue, Map.of("JMSCorrelationID", "r-1"), "hello");
        service.awaitFirst();
        alice.control("type", "disconnect");
      }
      assertALateAnswerReachesNobody(transport, bridge(), service, queue);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anAnswerToAClientOfAnEarlierProcessReachesNobody(Transport transport)
      throws Exception {
    String queue = unique("services/s");
    Map<String, String> settings = new HashMap<>(settings());
    settings.put("bridge.id", "restarted");
    try (TestService service = service().serve(queue, (session, request) -> {})) {
      try (TestBridge first = TestBridge.start(settings);
          RawBayeuxClient alice = first.connected(transport, "alice")) {
        alice.send(queue, Map.of("JMSCorrelationID", "r-1"), "hello");
        service.awaitFirst();
      }
      try (TestBridge again = TestBridge.start(settings)) {
        assertALateAnswerReachesNobody(transport, again, service, queue);
      }
    }
  }

  /** The service answers the request of a client that has ended, and then one of a present one. */
  private void assertALateAnswerReachesNobody(
      Transport transport, TestBridge bridge, TestService service, String queue) throws Exception {
    Message early = service.awaitFirst();
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      double unknown = bridge.metric("longspan_answers_unknown_total");
      alice.send(queue, Map.of("JMSCorrelationID", "r-1"), "again");
      Message late = service.awaitText("again");
      answerIfPossible(service, early, "for the ended client");
      if (replies() == ReplyMode.TOPIC || replies() == ReplyMode.QUEUE) {
        Awaitility.await()
            .until(() -> bridge.metric("longspan_answers_unknown_total") == unknown + 1);
      }
      answerIfPossible(service, late, "for the present client");
      assertThat(alice.awaitAnswer("r-1")).containsEntry("body", "for the present client");
      assertThat(alice.received().toString()).doesNotContain("for the ended client");
    }
  }

  /** Answers; a broker may refuse a message to a temporary destination that is gone. */
  private static void answerIfPossible(TestService service, Message request, String text) {
    try {
      String id = request.getJMSCorrelationID();
      Destination address = request.getJMSReplyTo();
      service.send(
          session -> address,
          session -> {
            Message answer = session.createTextMessage(text);
            answer.setJMSCorrelationID(id);
            return answer;
          });
    } catch (JMSException | IllegalStateException gone) {
      assertThat(text).isEqualTo("for the ended client");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aMessageWhoseAnswersShareAQueueNeedsACorrelationId(Transport transport)
      throws Exception {
    String queue = unique("queue/s");
    try (TestService service = service().serve(queue, TestService::echo);
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      Map<String, Object> refused =
          alice.publish("/anzo/bridge", message("destination", queue, "body", "hello"));
      assertThat(refused.get("error"))
          .asString()
          .startsWith("badRequest:")
          .contains("JMSCorrelationID");
      alice.send(queue, Map.of("JMSCorrelationID", "r-1"), "hello");
      alice.awaitAnswer("r-1");
      assertThat(service.received()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void aCancellationHasTheCorrelationIdOfItsRequest(Transport transport) throws Exception {
    for (ReplyMode mode : List.of(replies(), ReplyMode.QUEUE)) {
      String queue = unique(word(mode) + "/s");
      try (TestService service = service().serve(queue, (session, request) -> {});
          RawBayeuxClient alice = bridge().connected(transport, "alice")) {
        alice.send(queue, Map.of("JMSCorrelationID", "r-1"), "work");
        alice.send(queue, Map.of("JMSCorrelationID", "r-1", "cancel", true), "stop");
        assertThat(service.awaitText("stop").getJMSCorrelationID())
            .isEqualTo(service.awaitText("work").getJMSCorrelationID());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void noClientCanNameAnAddressForAnswers(Transport transport) {
    try (RawBayeuxClient mallory = bridge().connected(transport, "bob")) {
      for (String name :
          List.of(
              "longspan/reply",
              "longspan/reply/bridge-1",
              "Longspan/Reply/bridge-1",
              "longspan/reply/bridge-1/heartbeat",
              "longspan/reply/bridge-1/x")) {
        for (String kind : List.of("anyqueue/", "anytopic/")) {
          assertThat(
                  mallory.publish(
                      "/anzo/bridge",
                      message(
                          "destination",
                          kind + name,
                          "properties",
                          Map.of("JMSCorrelationID", "x"),
                          "body",
                          "forged")))
              .hasEntrySatisfying(
                  "error", error -> assertThat(error).asString().startsWith("notAuthorized:"));
        }
        assertThat(error(mallory, "anytopic/" + name)).startsWith("notAuthorized");
      }
      for (String pattern :
          List.of("anytopic/longspan/reply/**", "anytopic/longspan/reply/bridge-1/*")) {
        assertThat(error(mallory, pattern)).startsWith("notAuthorized");
      }
    }
  }

  private static String error(RawBayeuxClient client, String topic) {
    return String.valueOf(((List<?>) client.subscribe(topic).get("topicErrors")).get(0));
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void noPatternReceivesTheAnswersToOthers(Transport transport) throws Exception {
    String queue = unique("topic/s");
    try (TestService service = service().serve(queue, TestService::echo);
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient mallory = bridge().connected(transport, "bob")) {
      mallory.subscribe("anytopic/**");
      mallory.subscribe("anytopic/*/reply/**");
      mallory.subscribe("anytopic/*/*/*/*");
      alice.send(queue, Map.of("JMSCorrelationID", "r-1"), "private");
      alice.awaitAnswer("r-1");
      service.publish("visible.to.all.here", session -> session.createTextMessage("public"));
      mallory.awaitData(data -> "public".equals(data.get("body")));
      assertThat(mallory.received().toString()).doesNotContain("private");
    }
  }
}
