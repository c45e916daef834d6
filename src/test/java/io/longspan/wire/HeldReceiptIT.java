package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * Over WebSocket the receipt of a request or of a command waits a little for the answer. A message
 * of a queue and the answer to the settlement before it wait for each other.
 */
@TestInstance(Lifecycle.PER_CLASS)
final class HeldReceiptIT {
  private static final String RECEIPT = "\"successful\":true";
  private static final int MESSAGES = 100;

  private ActiveMqTestBroker broker;
  private TestBridge bridge;

  @BeforeAll
  void start() {
    broker = new ActiveMqTestBroker();
    Map<String, String> settings = new java.util.HashMap<>(broker.settings());
    settings.put("session.receiptDelay", "500ms");
    bridge = TestBridge.start(settings);
  }

  @AfterAll
  void stop() {
    bridge.close();
    broker.close();
  }

  private WebSocketClient alice() {
    return (WebSocketClient) bridge.connected(Transport.WEBSOCKET, "alice");
  }

  private static List<String> after(WebSocketClient client, int count) {
    List<String> texts = client.texts();
    return texts.subList(count, texts.size());
  }

  /** The answer can be slower than the delay on a busy machine, so the request is repeated. */
  @Test
  void theReceiptAndTheAnswerAreOneMessage() {
    try (TestService service =
            new TestService(broker.connectionFactory()).serve("services/held", TestService::echo);
        WebSocketClient alice = alice()) {
      int[] requests = {0};
      Awaitility.await()
          .until(
              () -> {
                String id = "r" + requests[0]++;
                int before = alice.texts().size();
                alice.send("services/held", Map.of("JMSCorrelationID", id), "x");
                alice.awaitAnswer(id);
                return after(alice, before).stream()
                    .anyMatch(text -> text.contains(RECEIPT) && text.contains(id));
              });
    }
  }

  /** The broker confirms an acknowledgement before its answer, so it takes time as well. */
  @Test
  void theReceiptAndTheAnswerOfAnAcknowledgementAreOneMessage() {
    try (WebSocketClient alice = alice()) {
      Awaitility.await()
          .until(
              () -> {
                int before = alice.texts().size();
                String id =
                    (String)
                        alice
                            .control("type", "ack", "deliveries", List.of("unknown"))
                            .get("correlationId");
                return after(alice, before).stream()
                    .anyMatch(text -> text.contains(RECEIPT) && text.contains(id));
              });
    }
  }

  /** Receipt, answer and next message. They can be slower than the delay, so this is repeated. */
  @Test
  void theAnswerToAnAcknowledgementAndTheNextMessageAreOneMessage() {
    String[] bodies = IntStream.range(0, MESSAGES).mapToObj(String::valueOf).toArray(String[]::new);
    try (TestService service = new TestService(broker.connectionFactory());
        WebSocketClient alice = alice()) {
      QueueTests.succeed(QueueTests.consume(alice, "work/held"));
      QueueTests.send(service, "work.held", bodies);
      int[] number = {0};
      Awaitility.await()
          .until(
              () -> {
                Map<String, Object> message = QueueTests.next(alice, ++number[0]);
                int before = alice.texts().size();
                QueueTests.succeed(QueueTests.settle(alice, "ack", message));
                QueueTests.next(alice, number[0] + 1);
                return after(alice, before).stream()
                    .anyMatch(
                        text ->
                            text.contains(RECEIPT)
                                && text.contains("failedDeliveries")
                                && text.contains("queueMessage"));
              });
    }
  }

  @Test
  void anAnswerWithoutANextMessageComesAnyway() {
    try (TestService service = new TestService(broker.connectionFactory());
        WebSocketClient alice = alice()) {
      QueueTests.succeed(QueueTests.consume(alice, "work/held2"));
      QueueTests.send(service, "work.held2", "last");
      QueueTests.succeed(QueueTests.settle(alice, "ack", QueueTests.next(alice, 1)));
    }
  }

  @Test
  void aReceiptWithoutAnAnswerComesAnyway() {
    try (TestService service =
            new TestService(broker.connectionFactory()).serve("services/mute", (s, m) -> {});
        WebSocketClient alice = alice()) {
      assertThat(alice.send("services/mute", Map.of("JMSCorrelationID", "m"), "x"))
          .containsEntry("successful", true);
    }
  }

  @Test
  void heldReceiptsGoWithTheNextReplyInOrder() {
    try (TestService service =
            new TestService(broker.connectionFactory()).serve("services/mute2", (s, m) -> {});
        WebSocketClient alice = alice()) {
      Awaitility.await()
          .until(
              () -> {
                int before = alice.texts().size();
                Map<String, Object> request =
                    message(
                        "channel",
                        "/anzo/bridge",
                        "data",
                        message(
                            "destination",
                            "services/mute2",
                            "properties",
                            Map.of("JMSCorrelationID", "m" + before),
                            "body",
                            "x"));
                Map<String, Object> last =
                    message(
                        "channel",
                        "/anzo/bridge",
                        "data",
                        message("destination", "services/mute2", "body", "x"));
                var first = alice.start(request);
                alice.exchange(last);
                first.join();
                List<String> texts = after(alice, before);
                return texts.size() == 1 && texts.get(0).split(RECEIPT, -1).length == 3;
              });
    }
  }
}
