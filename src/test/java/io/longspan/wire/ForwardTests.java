package io.longspan.wire;

import static io.longspan.wire.WireTarget.unique;
import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.external.ExternalBroker;
import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a bridge passes from one of its brokers to another ({@code forward}). */
@TestInstance(Lifecycle.PER_CLASS)
abstract class ForwardTests {
  private static final String FORWARD =
      """
      forward:
        - {to: plant, queue: "forward.jobs", as: "forward.office.jobs"}
        - {to: plant, queue: "forward.asked", answers: true}
        - {to: plant, topic: "feed.office.**", as: "feed.copied.office.**"}
        - {from: plant, topic: "feed.copied.office.**", as: "feed.office.**"}
        - {from: plant, topic: "feed.alarm"}
      """;

  @TempDir static Path folder;

  private TwoBrokers brokers;
  private ExternalBroker office;
  private ExternalBroker plant;
  private Path catalogue;
  private TestBridge bridge;

  abstract TwoBrokers startBrokers();

  /** Returns whether the first broker hands maps and streams over as what they are. */
  boolean keepsKindsOfMessages() {
    return true;
  }

  @BeforeAll
  void start() {
    brokers = startBrokers();
    office = brokers.office;
    plant = brokers.plant;
    catalogue = folder.resolve("forward.yaml");
    bridge = TestBridge.start(brokers.settings(catalogue, FORWARD));
    awaitForwarding();
  }

  private void awaitForwarding() {
    Awaitility.await().until(() -> bridge.metric("longspan_forwards_disconnected") == 0);
  }

  @AfterAll
  void stop() {
    if (bridge != null) {
      bridge.close();
    }
    brokers.close();
  }

  private static TestService at(ExternalBroker broker) {
    return new TestService(broker.connectionFactory());
  }

  private static void sendTo(TestService service, String queue, TestService.Work<Message> message) {
    service.send(session -> session.createQueue(queue), message);
  }

  private static Message full(Session session) throws jakarta.jms.JMSException {
    TextMessage message = session.createTextMessage("hello");
    message.setJMSCorrelationID("c-1");
    message.setJMSType("greeting");
    message.setLongProperty("big", Long.MAX_VALUE);
    message.setBooleanProperty("urgent", true);
    message.setDoubleProperty("ratio", 0.5);
    return message;
  }

  @Test
  void aMessageOfAQueueIsPassedOnWithItsHeadersAndTypes() throws Exception {
    try (TestService service = at(plant).serve("forward.office.jobs", (session, message) -> {});
        TestService sender = at(office)) {
      sendTo(sender, "forward.jobs", ForwardTests::full);
      Message job = service.awaitFirst();
      assertThat(TestService.text(job)).isEqualTo("hello");
      assertThat(job.getJMSCorrelationID()).isEqualTo("c-1");
      assertThat(job.getJMSType()).isEqualTo("greeting");
      assertThat(job.getObjectProperty("big")).isEqualTo(Long.MAX_VALUE);
      assertThat(job.getObjectProperty("urgent")).isEqualTo(true);
      assertThat(job.getObjectProperty("ratio")).isEqualTo(0.5);
    }
  }

  @Test
  void everyKindOfBodyIsCopied() throws Exception {
    try (TestService service = at(plant).serve("forward.office.jobs", (session, message) -> {});
        TestService sender = at(office)) {
      sendTo(
          sender,
          "forward.jobs",
          session -> {
            BytesMessage bytes = session.createBytesMessage();
            bytes.writeBytes(new byte[] {1, 2, 3});
            return bytes;
          });
      sendTo(
          sender,
          "forward.jobs",
          session -> {
            MapMessage map = session.createMapMessage();
            map.setInt("count", 7);
            return map;
          });
      sendTo(
          sender,
          "forward.jobs",
          session -> {
            StreamMessage stream = session.createStreamMessage();
            stream.writeInt(7);
            stream.writeString("seven");
            return stream;
          });
      sendTo(sender, "forward.jobs", Session::createMessage);
      int kinds = keepsKindsOfMessages() ? 4 : 2;
      Awaitility.await().until(() -> service.received().size() == kinds);
      List<Message> received = service.received();
      byte[] content = new byte[3];
      ((BytesMessage) received.get(0)).readBytes(content);
      assertThat(content).containsExactly(1, 2, 3);
      if (!keepsKindsOfMessages()) {
        sender.serve("forward.jobs.unforwarded", (session, message) -> {});
        Awaitility.await().until(() -> sender.received().size() == 2);
        return;
      }
      assertThat(((MapMessage) received.get(1)).getInt("count")).isEqualTo(7);
      assertThat(((StreamMessage) received.get(2)).readInt()).isEqualTo(7);
      assertThat(((StreamMessage) received.get(2)).readString()).isEqualTo("seven");
    }
  }

  @Test
  void theTimeToLiveGoesOn() throws Exception {
    try (TestService service = at(plant).serve("forward.office.jobs", (session, message) -> {});
        TestService sender = at(office)) {
      sender.send(
          session -> session.createQueue("forward.jobs"),
          session -> {
            Message message = session.createTextMessage("for an hour");
            try (MessageProducer producer =
                session.createProducer(session.createQueue("forward.jobs"))) {
              producer.send(message, DeliveryMode.PERSISTENT, 7, 3_600_000);
            }
            return session.createTextMessage("for ever");
          });
      Awaitility.await().until(() -> service.received().size() == 2);
      Message hour = service.received().get(0);
      assertThat(hour.getJMSExpiration() - System.currentTimeMillis())
          .isBetween(1_000L, 3_600_000L);
      assertThat(hour.getJMSPriority()).isEqualTo(7);
      assertThat(hour.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
      assertThat(service.received().get(1).getJMSExpiration()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void answersAreBroughtBackToAWebClient(Transport transport) {
    try (TestService service =
            at(plant)
                .serve(
                    "forward.asked",
                    (session, request) -> {
                      for (String done : List.of("false", "true")) {
                        Message part = session.createTextMessage(TestService.text(request) + done);
                        part.setStringProperty("done", done);
                        TestService.reply(session, request, part);
                      }
                    });
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient second = bridge.connected(transport, "alice")) {
      for (RawBayeuxClient client : List.of(alice, second)) {
        client.send(
            "anyqueue/forward/asked", Map.of("JMSCorrelationID", "same"), client.clientId());
      }
      for (RawBayeuxClient client : List.of(alice, second)) {
        client.awaitData(data -> (client.clientId() + "true").equals(data.get("body")));
        assertThat(client.data().stream().filter(data -> data.get("body") instanceof String))
            .extracting(data -> data.get("body"))
            .containsExactly(client.clientId() + "false", client.clientId() + "true");
      }
      assertThat(service.received()).hasSize(2);
    }
  }

  @Test
  void aTopicIsPassedOnUnderAnotherPrefixAndLoopsEnd() throws Exception {
    String machine = unique("m");
    try (TestService copies = at(plant).watch("feed.copied.office." + machine);
        TestService originals = at(office).watch("feed.office." + machine);
        TestService sender = at(office)) {
      double discarded = bridge.metric("longspan_forwarded_discarded_total");
      sender.publish("feed.office." + machine, session -> session.createTextMessage("once"));
      assertThat(TestService.text(copies.awaitFirst())).isEqualTo("once");
      // To the plant, back to the office, and no further.
      Awaitility.await()
          .until(() -> bridge.metric("longspan_forwarded_discarded_total") > discarded);
      assertThat(copies.received()).hasSize(1);
      Awaitility.await().until(() -> originals.received().size() == 2);
    }
  }

  @Test
  void messagesOfAQueueWaitForALostBroker() {
    try (TestService sender = at(office)) {
      plant.kill();
      Awaitility.await().until(() -> bridge.metric("longspan_forwards_disconnected") > 0);
      for (int i = 0; i < 10; i++) {
        String text = "waits " + i;
        sendTo(sender, "forward.jobs", session -> session.createTextMessage(text));
      }
      plant.restart();
      awaitForwarding();
      try (TestService service = at(plant).serve("forward.office.jobs", (session, message) -> {})) {
        Awaitility.await().until(() -> service.received().size() >= 10);
        assertThat(service.received().stream().map(TestService::text).distinct()).hasSize(10);
      }
    }
  }

  @Test
  void theEntriesFollowTheCatalogue() throws Exception {
    String text = Files.readString(catalogue);
    try (TestService heard = at(office).watch("feed.later");
        TestService sender = at(plant)) {
      Files.writeString(catalogue, text + "  - {from: plant, topic: \"feed.later\"}\n");
      Awaitility.await()
          .until(
              () -> {
                sender.publish("feed.later", session -> session.createTextMessage("now"));
                return !heard.received().isEmpty();
              });
    } finally {
      Files.writeString(catalogue, text);
    }
  }
}
