package io.longspan.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longspan.config.ConfigLoader;
import io.longspan.config.LongspanConfig;
import io.longspan.external.ExternalBroker;
import io.longspan.jms.JmsMessageBroker;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Somebody sends the bridge a serialised object whose class acts when it is read. */
interface ObjectMessageAttacks extends AttackTarget {

  /** The bridge runs in this JVM and could load it. */
  final class Gadget implements Serializable {
    private static final long serialVersionUID = 1L;
    static final AtomicInteger READ = new AtomicInteger();

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      in.defaultReadObject();
      READ.incrementAndGet();
    }
  }

  private static ObjectMessage gadget(Session session) throws JMSException {
    return session.createObjectMessage(new Gadget());
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  default void anObjectMessageIsDeliveredWithoutBeingRead(Transport transport) {
    String name = "gadget" + System.nanoTime();
    int before = Gadget.READ.get();
    try (TestService service = new TestService(broker().connectionFactory());
        TestService authorization = new TestService(broker().connectionFactory());
        RawBayeuxClient alice = bridge().connected(transport, "alice")) {
      service.serve(
          "services/" + name,
          (session, request) -> TestService.reply(session, request, gadget(session)));
      authorization.serve(
          "services/authorization",
          (session, request) -> TestService.reply(session, request, gadget(session)));

      assertThat(alice.subscribe("chat/" + name)).containsEntry("status", "success");
      service.publish("chat/" + name, ObjectMessageAttacks::gadget);
      requireUnread(
          alice.awaitData(
              d -> ("chat/" + name).equals(RawBayeuxClient.properties(d).get("topic"))));

      alice.send("services/" + name, Map.of("JMSCorrelationID", "answer"), "x");
      requireUnread(alice.awaitAnswer("answer"));

      service.publish(
          "bridge/push",
          session -> {
            ObjectMessage push = gadget(session);
            push.setJMSCorrelationID("push");
            push.setStringProperty("toClient", alice.clientId());
            return push;
          });
      requireUnread(alice.awaitAnswer("push"));

      service.publish("bridge/authorization-events", ObjectMessageAttacks::gadget);
      service.publish("bridge/commands", ObjectMessageAttacks::gadget);
      assertThat((List<?>) alice.subscribe("namedgraphs/" + name).get("topicErrors"))
          .singleElement()
          .isEqualTo(NameAttacks.NOT_AUTHORIZED);

      service.publish("chat/" + name, session -> session.createTextMessage("still here"));
      alice.awaitData(data -> "still here".equals(data.get("body")));
      assertThat(Gadget.READ).hasValue(before);
    }
  }

  private static void requireUnread(Map<String, Object> data) {
    assertThat(data).containsEntry("body", null).containsEntry("bodyFormat", "unsupported");
  }

  /** Should anything ever ask for the object, the provider's client refuses to read it. */
  @Test
  default void theClientOfEveryProviderRefusesToReadAnObject() throws JMSException {
    List<Map<String, String>> providers = new ArrayList<>(List.of(broker().settings()));
    if (broker() instanceof ExternalBroker external) {
      providers.add(external.amqpSettings());
    }
    int before = Gadget.READ.get();
    for (Map<String, String> settings : providers) {
      try (TestService service = new TestService(broker().connectionFactory());
          Connection connection = connect(settings)) {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        Queue queue = session.createQueue("objects" + System.nanoTime());
        String name = queue.getQueueName();
        connection.start();
        try (MessageConsumer consumer = session.createConsumer(queue)) {
          service.send(s -> s.createQueue(name), ObjectMessageAttacks::gadget);
          ObjectMessage message = (ObjectMessage) consumer.receive();
          assertThatThrownBy(message::getObject).isInstanceOf(JMSException.class);
        }
      }
    }
    assertThat(Gadget.READ).hasValue(before);
  }

  private static Connection connect(Map<String, String> settings) throws JMSException {
    Map<String, String> properties = new HashMap<>();
    settings.forEach((key, value) -> properties.put("longspan." + key, value));
    LongspanConfig config = ConfigLoader.load(Optional.empty(), properties, Map.of());
    LongspanConfig.Broker broker = config.broker();
    return broker.user().isEmpty()
        ? JmsMessageBroker.connectionFactory(broker).createConnection()
        : JmsMessageBroker.connectionFactory(broker)
            .createConnection(broker.user(), broker.password());
  }
}
