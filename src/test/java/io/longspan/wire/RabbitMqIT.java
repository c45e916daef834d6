package io.longspan.wire;

import static io.longspan.wire.RawBayeuxClient.properties;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.longspan.external.ExternalBroker;
import io.longspan.external.ExternalRabbitMq;
import io.longspan.external.SharedRabbitMq;
import jakarta.jms.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is special about RabbitMQ and its JMS client ({@code docs/brokers.md}). */
@TestInstance(Lifecycle.PER_CLASS)
final class RabbitMqIT {
  private static final String TOPICS = "jms.durable.topic";

  private ExternalRabbitMq node;
  private TestBridge bridge;
  private Connection connection;
  private Channel channel;

  @BeforeAll
  void start() throws Exception {
    node = new SharedRabbitMq().node();
    bridge = TestBridge.start(node.settings());
    ConnectionFactory factory = new ConnectionFactory();
    factory.setPort(node.port());
    factory.setUsername(ExternalBroker.SERVICE_USER);
    factory.setPassword(ExternalBroker.SERVICE_PASSWORD);
    connection = factory.newConnection();
    channel = connection.createChannel();
  }

  @AfterAll
  void stop() throws IOException {
    connection.close();
    bridge.close();
  }

  private TestService service() {
    return new TestService(node.connectionFactory());
  }

  private static Message priced(jakarta.jms.Session session, String text, int price)
      throws jakarta.jms.JMSException {
    Message message = session.createTextMessage(text);
    message.setIntProperty("price", price);
    return message;
  }

  /**
   * The selectors of a session share an exchange. It looks at the selector only, so it passes
   * messages of all these topics to each consumer.
   */
  @ParameterizedTest
  @EnumSource(Transport.class)
  void aSelectorReceivesNothingOfOtherTopics(Transport transport) {
    String prefix = WireTarget.unique("chat/s");
    // More topics than consumer sessions, so some topics share a session.
    List<String> topics =
        java.util.stream.IntStream.range(0, 8).mapToObj(i -> prefix + "-" + i).toList();
    try (TestService service = service();
        RawBayeuxClient alice = bridge.connected(transport, "alice");
        RawBayeuxClient bob = bridge.connected(transport, "bob")) {
      for (RawBayeuxClient client : List.of(alice, bob)) {
        List<String> own = client == alice ? topics.subList(0, 4) : topics.subList(4, 8);
        assertThat(
                client.control("type", "topicSubscribe", "topics", own, "selector", "price > 10"))
            .containsEntry("status", "success");
      }
      for (String topic : topics) {
        service.publish(topic, session -> priced(session, "low " + topic, 5));
        service.publish(topic, session -> priced(session, topic, 50));
      }
      alice.awaitData(data -> topics.get(3).equals(data.get("body")));
      bob.awaitData(data -> topics.get(7).equals(data.get("body")));
      assertThat(topicBodies(alice)).containsExactlyInAnyOrderElementsOf(topics.subList(0, 4));
      assertThat(topicBodies(bob)).containsExactlyInAnyOrderElementsOf(topics.subList(4, 8));
    }
  }

  private static List<Object> topicBodies(RawBayeuxClient client) {
    return client.data().stream()
        .filter(data -> "topicMessage".equals(properties(data).get("type")))
        .map(data -> data.get("body"))
        .toList();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void theBridgeRefusesASelectorThatTheBrokerReadsDifferently(Transport transport) {
    String topic = WireTarget.unique("chat/s");
    try (TestService service = service();
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertThat(
              alice.control(
                  "type", "topicSubscribe", "topics", List.of(topic), "selector", "name = 'zoë'"))
          .containsEntry("status", "failed")
          .extractingByKey("topicErrors")
          .asString()
          .contains("badRequest");
      assertThat(alice.subscribe(topic)).containsEntry("status", "success");
      service.publish(topic, session -> session.createTextMessage("hello"));
      alice.awaitData(data -> "hello".equals(data.get("body")));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aRefusedMessageDisturbsNoOther(Transport transport) {
    String queue = WireTarget.unique("services/s");
    try (TestService service = service().serve(queue, TestService::echo);
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      for (int i = 0; i < 8; i++) {
        assertThat(alice.send(queue, Map.of("CC", "services/secret"), "x").get("error"))
            .asString()
            .startsWith("badRequest:");
        assertThat(alice.send(queue, Map.of("JMSCorrelationID", "é".repeat(128)), "x").get("error"))
            .asString()
            .startsWith("sendFailed:");
        assertThat(alice.send("services/" + "n".repeat(250), Map.of(), "x").get("error"))
            .asString()
            .startsWith("notAuthorized:");
        alice.send(queue, Map.of("JMSCorrelationID", "r-" + i), "hello");
        assertThat(alice.awaitAnswer("r-" + i)).containsEntry("body", "hello");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void propertiesThatExceedAFrameAreRefused(Transport transport) {
    String queue = WireTarget.unique("services/s");
    try (TestService service = service().serve(queue, TestService::echo);
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      Map<String, Object> properties = new java.util.HashMap<>();
      for (int i = 0; i < 200; i++) {
        properties.put("p" + i, "x".repeat(1000));
      }
      assertThat(alice.send(queue, properties, "x").get("error"))
          .asString()
          .startsWith("sendFailed:");
      alice.send(queue, Map.of("JMSCorrelationID", "next"), "hello");
      alice.awaitAnswer("next");
      assertThat(service.received()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aQueueThatExistsIsUsedAsItIs(Transport transport) throws IOException {
    String queue = WireTarget.unique("services/s");
    channel.queueDeclare(queue, true, false, false, Map.of("x-queue-type", "quorum"));
    channel.exchangeDeclare("jms.durable.queues", "direct", true);
    channel.queueBind(queue, "jms.durable.queues", queue);
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      assertThat(alice.send(queue, Map.of(), "hello")).containsEntry("successful", true);
      assertThat(channel.queueDeclarePassive(queue).getMessageCount()).isEqualTo(1);
    } finally {
      channel.queueDelete(queue);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aMessageToADeletedQueueIsNotConfirmed(Transport transport) throws IOException {
    String queue = WireTarget.unique("services/s");
    try (RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      for (int i = 0; i < 20; i++) {
        assertThat(alice.send(queue, Map.of(), "before")).containsEntry("successful", true);
      }
      channel.queueDelete(queue);
      int confirmed = 0;
      for (int i = 0; i < 20; i++) {
        Map<String, Object> receipt = alice.send(queue, Map.of(), "after");
        if (Boolean.TRUE.equals(receipt.get("successful"))) {
          confirmed++;
        } else {
          assertThat(receipt.get("error")).asString().startsWith("sendFailed:");
        }
      }
      assertThat(confirmed)
          .as("the bridge creates the queue again after the first failure")
          .isEqualTo(19);
      assertThat(channel.queueDeclarePassive(queue).getMessageCount()).isEqualTo(confirmed);
    } finally {
      channel.queueDelete(queue);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void anAlarmOfTheBrokerRefusesSendsAndEndsNoConnection(Transport transport) {
    String queue = WireTarget.unique("services/s");
    try (TestService service = service().serve(queue, TestService::echo);
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.send(queue, Map.of("JMSCorrelationID", "before"), "hello");
      alice.awaitAnswer("before");
      node.administer("set_vm_memory_high_watermark", "0");
      try {
        // The heartbeat is blocked for 10 s by then.
        Awaitility.await().until(() -> bridge.status("health/ready") == 503);
        assertThat(alice.send(queue, Map.of(), "x").get("error"))
            .isEqualTo("sendFailed:the broker rejected the message");
      } finally {
        node.administer("set_vm_memory_high_watermark", "0.4");
      }
      Awaitility.await().until(() -> bridge.status("health/ready") == 200);
      alice.send(queue, Map.of("JMSCorrelationID", "after"), "hello");
      alice.awaitAnswer("after");
      assertThat(alice.data()).noneMatch(data -> "bridgeStatus".equals(data.get("type")));
    }
  }

  /** Is created only by a bridge that trusts the name of a class in a message. */
  public static final class Trap {
    static final AtomicBoolean SPRUNG = new AtomicBoolean();

    public Trap() {
      SPRUNG.set(true);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void whatNoJmsClientHasSentArrivesAsUnsupported(Transport transport) throws IOException {
    String topic = WireTarget.unique("chat/a");
    try (TestService service = service();
        RawBayeuxClient alice = bridge.connected(transport, "alice")) {
      alice.subscribe(topic);
      AMQP.BasicProperties properties =
          new AMQP.BasicProperties.Builder().correlationId("plain").build();
      for (byte[] body : List.of(new byte[0], "{}".getBytes(), trap())) {
        channel.basicPublish(TOPICS, topic, properties, body);
      }
      service.publish(topic, session -> session.createTextMessage("after"));
      alice.awaitData(data -> "after".equals(data.get("body")));
      assertThat(alice.data())
          .filteredOn(data -> "plain".equals(properties(data).get("JMSCorrelationID")))
          .hasSize(3)
          .allSatisfy(data -> assertThat(data).containsEntry("bodyFormat", "unsupported"));
      assertThat(Trap.SPRUNG).isFalse();
    }
  }

  private static byte[] trap() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeUTF(Trap.class.getName());
    }
    return bytes.toByteArray();
  }
}
