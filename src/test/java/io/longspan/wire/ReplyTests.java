package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static io.longspan.wire.RawBayeuxClient.properties;
import static io.longspan.wire.TestService.text;
import static io.longspan.wire.WireTarget.unique;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.config.LongspanConfig.ReplyMode;
import jakarta.jms.BytesMessage;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.StreamMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Answers and unsolicited messages from a service to a client (protocol section 4). */
interface ReplyTests extends WireTarget {
  /** Returns whether the broker preserves the type of a message from another client. */
  default boolean keepsKindsOfMessages() {
    return true;
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theClientReceivesEveryTypeOfJmsMessage(Transport transport) {
    String queue = unique("services/s");
    try (TestService service =
            service()
                .serve(
                    queue,
                    (session, request) -> {
                      BytesMessage bytes = session.createBytesMessage();
                      bytes.writeBytes(new byte[] {0, 1, -1});
                      MapMessage map = session.createMapMessage();
                      map.setString("name", "ABC");
                      map.setLong("big", Long.MAX_VALUE);
                      map.setBytes("raw", new byte[] {1});
                      StreamMessage stream = session.createStreamMessage();
                      stream.writeInt(10);
                      stream.writeBoolean(true);
                      Message none = session.createMessage();
                      none.setLongProperty("big", (1L << 53) + 1);
                      none.setLongProperty("exact", 1L << 53);
                      none.setByteProperty("small", (byte) 3);
                      Message object = session.createObjectMessage(new ArrayList<>(List.of("x")));
                      for (Message m : List.of(bytes, map, stream, none, object)) {
                        TestService.reply(session, request, m);
                      }
                    });
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.send(queue, Map.of("JMSCorrelationID", "kinds"), "go");
      List<Map<String, Object>> answers =
          Awaitility.await()
              .until(
                  () ->
                      alice.data().stream()
                          .filter(d -> "kinds".equals(properties(d).get("JMSCorrelationID")))
                          .toList(),
                  list -> list.size() == 5);
      assertThat(answers.get(0))
          .containsEntry("body", "AAH/")
          .containsEntry("bodyFormat", "base64");
      if (keepsKindsOfMessages()) {
        assertThat(answers.get(1))
            .containsEntry("bodyFormat", "map")
            .containsEntry(
                "body", Map.of("name", "ABC", "big", "9223372036854775807", "raw", "AQ=="));
        assertThat(answers.get(2))
            .containsEntry("bodyFormat", "stream")
            .containsEntry("body", List.of(10, true));
        assertThat(answers.get(3)).containsEntry("body", null).doesNotContainKey("bodyFormat");
      } else {
        assertThat(answers.subList(1, 3))
            .allSatisfy(
                answer ->
                    assertThat(answer)
                        .containsEntry("body", null)
                        .containsEntry("bodyFormat", "unsupported"));
        assertThat(answers.get(3)).containsEntry("body", "").containsEntry("bodyFormat", "base64");
      }
      assertThat(properties(answers.get(3)))
          .containsEntry("big", "9007199254740993")
          .containsEntry("exact", 9007199254740992L)
          .containsEntry("small", 3);
      assertThat(answers.get(4))
          .containsEntry("body", null)
          .containsEntry("bodyFormat", "unsupported");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theBridgeHidesTheNameOfTheReplyAddress(Transport transport) throws Exception {
    String queue = unique("services/s");
    try (TestService service =
            service()
                .serve(
                    queue,
                    (session, request) -> {
                      String name = TestService.nameOf(request.getJMSReplyTo());
                      Message answer = session.createTextMessage("x");
                      answer.setStringProperty("destination", "/temp-topic/" + name);
                      answer.setStringProperty("hint", "reply went to " + name);
                      answer.setStringProperty("kept", "k");
                      TestService.reply(session, request, answer);
                    });
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.send(queue, Map.of("JMSCorrelationID", "t"), "x");
      Map<String, Object> answer = alice.awaitAnswer("t");
      String name = TestService.nameOf(service.awaitFirst().getJMSReplyTo());
      assertThat(properties(answer))
          .containsEntry("kept", "k")
          .doesNotContainKeys("destination", "hint");
      assertThat(alice.received().toString()).doesNotContain(name);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theClientCanAnswerAnUnsolicitedMessageOnce(Transport transport) throws Exception {
    String queue = unique("services/s");
    String answers = unique("answers");
    try (TestService service =
            service()
                .serve(
                    queue,
                    (session, request) -> {
                      Message question = session.createTextMessage("how are you?");
                      question.setJMSCorrelationID("service-7");
                      question.setJMSReplyTo(session.createQueue(answers));
                      try (var producer = session.createProducer(request.getJMSReplyTo())) {
                        producer.send(question);
                      }
                    });
        TestService answered = service().serve(answers, (s, m) -> {});
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      if (replies() == ReplyMode.QUEUE) {
        // Only a request in flight has an address there, so a service cannot begin.
        assertThat(alice.send(queue, Map.of(), "hello").get("error"))
            .asString()
            .startsWith("badRequest:");
        return;
      }
      alice.send(queue, Map.of(), "hello");
      Map<String, Object> question = alice.awaitData(d -> "how are you?".equals(d.get("body")));
      Map<String, Object> reply =
          message(
              "replyTo", question.get("replyTo"),
              "properties", Map.of("JMSCorrelationID", "service-7"),
              "body", "fine");
      assertThat(alice.publish("/anzo/bridge", reply)).containsEntry("successful", true);
      Message answer = answered.awaitFirst();
      assertThat(text(answer)).isEqualTo("fine");
      assertThat(answer.getJMSCorrelationID()).isEqualTo("service-7");
      assertThat(answer.getStringProperty("runAsUser")).isEqualTo("alice");
      assertThat(alice.publish("/anzo/bridge", reply).get("error"))
          .asString()
          .startsWith("badRequest:");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theClientReceivesAnAnswerWithAnUnknownCorrelationId(Transport transport)
      throws Exception {
    String queue = unique("services/s");
    try (TestService service = service().serve(queue, (s, m) -> {});
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.send(queue, Map.of("JMSCorrelationID", "first"), "x");
      Message request = service.awaitFirst();
      double unknown = bridge().metric("longspan_answers_unknown_total");
      service.send(
          session -> request.getJMSReplyTo(),
          session -> {
            Message message = session.createTextMessage("by the way");
            message.setJMSCorrelationID("another");
            return message;
          });
      if (replies() == ReplyMode.QUEUE) {
        Awaitility.await()
            .until(() -> bridge().metric("longspan_answers_unknown_total") == unknown + 1);
        return;
      }
      assertThat(alice.awaitAnswer("another")).containsEntry("body", "by the way");
    }
  }
}
