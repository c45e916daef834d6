package io.longspan.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands in for a bridge: sends requests for a user and collects what comes back. */
final class BusClient implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Connection connection;
  private final Session session;
  private final MessageProducer producer;
  private final TemporaryTopic replies;
  private final List<Message> received = new CopyOnWriteArrayList<>();
  private final AtomicInteger lastId = new AtomicInteger();

  BusClient(ConnectionFactory factory) throws JMSException {
    connection = factory.createConnection();
    session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    producer = session.createProducer(null);
    Session inbound = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    replies = inbound.createTemporaryTopic();
    inbound.createConsumer(replies).setMessageListener(received::add);
    connection.start();
  }

  /** Collects what is published on a topic from now on. */
  List<Message> watch(String topic) throws JMSException {
    List<Message> messages = new CopyOnWriteArrayList<>();
    Session inbound = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    inbound.createConsumer(inbound.createTopic(topic)).setMessageListener(messages::add);
    return messages;
  }

  Message text(String body, Map<String, ?> properties) throws JMSException {
    return with(session.createTextMessage(body), properties);
  }

  Message bytes(byte[] body, Map<String, ?> properties) throws JMSException {
    BytesMessage message = session.createBytesMessage();
    message.writeBytes(body);
    return with(message, properties);
  }

  Message map(Map<String, ?> properties) throws JMSException {
    return with(session.createMapMessage(), properties);
  }

  private static Message with(Message message, Map<String, ?> properties) throws JMSException {
    for (Map.Entry<String, ?> property : properties.entrySet()) {
      message.setObjectProperty(property.getKey(), property.getValue());
    }
    return message;
  }

  /** Sends a message and returns its correlation id. */
  String send(String queue, Message message) throws JMSException {
    String id = "c-" + lastId.incrementAndGet();
    send(queue, message, id);
    return id;
  }

  void send(String queue, Message message, String correlationId) throws JMSException {
    message.setJMSCorrelationID(correlationId);
    message.setJMSReplyTo(replies);
    producer.send(session.createQueue(queue), message);
  }

  void sendWithoutReplyTo(String queue, Message message) throws JMSException {
    producer.send(session.createQueue(queue), message);
  }

  /** Returns the answers to a request that have arrived so far. */
  List<Message> answers(String correlationId) {
    return received.stream().filter(m -> correlationId.equals(correlationIdOf(m))).toList();
  }

  private static String correlationIdOf(Message message) {
    try {
      return message.getJMSCorrelationID();
    } catch (JMSException e) {
      throw new AssertionError(e);
    }
  }

  Message answer(String queue, Message message) throws JMSException {
    String id = send(queue, message);
    await().until(() -> !answers(id).isEmpty());
    return answers(id).get(0);
  }

  /** Asks the graph service. */
  Message graph(String user, String operation, String body, Map<String, ?> more)
      throws JMSException {
    Message message = text(body, more);
    message.setStringProperty("runAsUser", user);
    message.setStringProperty("operation", operation);
    return answer("services/graph", message);
  }

  /** Asks the graph service and returns the body of the answer, which must be ok. */
  JsonNode graphOk(String user, String operation, String body, Map<String, ?> more)
      throws Exception {
    Message answer = graph(user, operation, body, more);
    assertThat(answer.getStringProperty("status")).as(body(answer)).isEqualTo("ok");
    return json(answer);
  }

  /** Asks the graph service and returns the code of the answer, which must be an error. */
  String graphError(String user, String operation, String body, Map<String, ?> more)
      throws Exception {
    Message answer = graph(user, operation, body, more);
    assertThat(answer.getStringProperty("status")).as(body(answer)).isEqualTo("error");
    assertThat(json(answer).path("message").asText()).isNotBlank();
    return json(answer).path("code").asText();
  }

  static String body(Message message) throws JMSException {
    return ((TextMessage) message).getText();
  }

  static JsonNode json(Message message) throws Exception {
    return JSON.readTree(body(message));
  }

  @Override
  public void close() throws JMSException {
    connection.close();
  }
}
