package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static io.longspan.wire.TestService.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.config.LongspanConfig.ReplyMode;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a catalogue entry sets on messages, and how it matches answers (protocol section 14). */
interface EntrySettingsTests extends WireTarget {
  /** Returns whether a service reads the same {@code JMSMessageID} that the bridge has sent. */
  default boolean keepsMessageIds() {
    return true;
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void theEntryDecidesWhatTheClientCannotChoose(Transport transport) throws Exception {
    String queue = WireTarget.unique("settings/s");
    try (TestService service = service().serve(queue, TestService::echo);
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      long before = System.currentTimeMillis();
      alice.send(
          queue,
          Map.of(
              "JMSCorrelationID", "r-1",
              "JMSPriority", 9,
              "JMSDeliveryMode", "NON_PERSISTENT",
              "timeToLive", 1,
              "JMSXGroupID", "everybody",
              "tier", "gold",
              "Tier", "gold",
              "colour", "blue"),
          "hello");
      assertThat(alice.awaitAnswer("r-1")).containsEntry("body", "hello");
      Message request = service.awaitFirst();
      assertThat(request.getJMSPriority()).isEqualTo(2);
      assertThat(request.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
      assertThat(request.getJMSExpiration()).isGreaterThan(before + 1_000_000);
      assertThat(request.getStringProperty("JMSXGroupID")).isEqualTo("alice");
      assertThat(request.getObjectProperty("tier")).isEqualTo("silver");
      assertThat(request.getObjectProperty("Tier")).isNull();
      assertThat(request.getObjectProperty("limit")).isEqualTo(5);
      assertThat(request.getObjectProperty("ratio")).isEqualTo(0.5);
      assertThat(request.getObjectProperty("audited")).isEqualTo(true);
      assertThat(request.getObjectProperty("colour")).isEqualTo("blue");
      assertThat(request.getStringProperty("runAsUser")).isEqualTo("alice");
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anAnswerCanNameTheMessageIdOfItsRequest(Transport transport) throws Exception {
    String queue = WireTarget.unique("bymessageid/s");
    try (TestService service =
            service()
                .serve(
                    queue,
                    (session, request) -> {
                      answer(session, request, request.getJMSMessageID(), "false");
                      answer(session, request, request.getJMSMessageID(), "true");
                    });
        RawBayeuxClient alice = bridge().connected(transport, "alice");
        RawBayeuxClient bob = bridge().connected(transport, "bob")) {
      if (!keepsMessageIds()) {
        double unknown = bridge().metric("longspan_answers_unknown_total");
        alice.send(queue, Map.of("JMSCorrelationID", "r-1"), "hello");
        if (replies() == ReplyMode.QUEUE) {
          // Nobody has such a request. The service answers twice.
          Awaitility.await()
              .until(() -> bridge().metric("longspan_answers_unknown_total") == unknown + 2);
        } else {
          // The answer arrives as a message that nobody has asked for.
          alice.awaitAnswer(service.awaitFirst().getJMSMessageID());
        }
        return;
      }
      for (int i = 0; i < 20; i++) {
        // Both use the same correlation id for another text.
        alice.send(queue, Map.of("JMSCorrelationID", "r-" + i), "alice's " + i);
        bob.send(queue, Map.of("JMSCorrelationID", "r-" + i), "bob's " + i);
      }
      for (int i = 0; i < 20; i++) {
        for (String done : new String[] {"false", "true"}) {
          assertThat(next(alice, "r-" + i, done)).containsEntry("body", "alice's " + i);
          assertThat(next(bob, "r-" + i, done)).containsEntry("body", "bob's " + i);
        }
      }
    }
  }

  private static Map<String, Object> next(RawBayeuxClient client, String id, String done) {
    return client.awaitData(
        answer ->
            id.equals(properties(answer).get("JMSCorrelationID"))
                && done.equals(properties(answer).get("done")));
  }

  private static void answer(Session session, Message request, String id, String done)
      throws JMSException {
    Message answer = session.createTextMessage(text(request));
    answer.setStringProperty("done", done);
    answer.setJMSCorrelationID(id);
    session.createProducer(request.getJMSReplyTo()).send(answer);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anAnswerCanRepeatAPropertyOfItsRequest(Transport transport) {
    String queue = WireTarget.unique("byproperty/s");
    try (TestService service =
            service()
                .serve(
                    queue,
                    (session, request) -> {
                      Message answer = session.createTextMessage(text(request));
                      answer.setStringProperty("ticket", request.getStringProperty("ticket"));
                      answer.setJMSCorrelationID("the service's own");
                      session.createProducer(request.getJMSReplyTo()).send(answer);
                    });
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      alice.send(queue, Map.of("JMSCorrelationID", "r-1", "ticket", "forged"), "hello");
      assertThat(alice.awaitAnswer("r-1")).containsEntry("body", "hello");
    }
  }
}
