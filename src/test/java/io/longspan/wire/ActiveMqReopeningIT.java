package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Message;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class ActiveMqReopeningIT extends ReopeningTests {
  private ActiveMqTestBroker activeMq;

  @Override
  AdministeredBroker startBroker() {
    activeMq = new ActiveMqTestBroker();
    return activeMq;
  }

  /** ActiveMQ subscribes its consumers to the topic again when somebody publishes to it. */
  @Test
  void subscribersReceiveMessagesAfterAnAdministratorRemovesTheTopic() {
    try (TestService service = service();
        RawBayeuxClient alice = subscribed(Transport.WEBSOCKET, "alice", "chat/removed")) {
      publish(service, "chat/removed", "before");
      alice.awaitData(data -> "before".equals(data.get("body")));
      activeMq.remove("chat/removed");
      publish(service, "chat/removed", "after");
      alice.awaitData(data -> "after".equals(data.get("body")));
      assertThat(alice.data()).noneMatch(data -> "gap".equals(data.get("type")));
    }
  }

  @Test
  void aClientEndsWithAReasonIfTheBrokerRefusesANewTemporaryTopic() throws Exception {
    try (TestService service = service().serve("services/silent", (session, request) -> {});
        TestService events = service().watch("bridge/clients");
        RawBayeuxClient alice = subscribed(Transport.LONG_POLLING, "alice", "chat/ended")) {
      alice.send("services/silent", Map.of("JMSCorrelationID", "open"), "x");
      Topic replyTo = (Topic) service.awaitFirst().getJMSReplyTo();
      activeMq.refuseTemporary(true);
      try {
        activeMq.endConsumers(replyTo.getTopicName());
        alice.awaitData(data -> "suspended".equals(data.get("status")));
        Message end =
            Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .until(
                    () ->
                        events.received().stream()
                            .filter(event -> TestService.text(event).contains("replyAddressLost"))
                            .findFirst()
                            .orElse(null),
                    event -> event != null);
        assertThat(TestService.text(end)).contains(alice.clientId(), "\"disconnected\"");
        assertThat(end.getJMSReplyTo()).isNull();
        assertThat(
                alice
                    .exchange(
                        RawBayeuxClient.message(
                            "channel", "/meta/connect", "connectionType", alice.connectionType()))
                    .get("error"))
            .isEqualTo("402::replyAddressLost");
      } finally {
        activeMq.refuseTemporary(false);
      }
    }
  }
}
