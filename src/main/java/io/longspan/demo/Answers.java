package io.longspan.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends answers and topic messages through one JMS session. Used by one thread at a time. A send
 * may block in the JMS provider.
 */
final class Answers {

  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

  private final Session session;
  private final MessageProducer producer;
  private final ObjectMapper json;

  private Answers(Session session, ObjectMapper json) throws JMSException {
    this.session = session;
    this.json = json;
    this.producer = session.createProducer(null);
    this.producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
  }

  /** Uses a session that has a consumer; only its delivery thread may then call. */
  static Answers of(Session session, ObjectMapper json) throws JMSException {
    return new Answers(session, json);
  }

  /** Opens a new session, which ends with the connection. */
  static Answers open(Connection connection, ObjectMapper json) throws JMSException {
    return new Answers(connection.createSession(false, Session.AUTO_ACKNOWLEDGE), json);
  }

  /** Work that answers a request, or throws. */
  @FunctionalInterface
  interface Work {
    void run(Answers answers) throws JMSException;
  }

  /**
   * Runs the work for a request and answers with an error if it throws. Never throws itself;
   * failures to send an answer are logged.
   */
  void guard(Request request, Work work) {
    try {
      try {
        work.run(this);
      } catch (ServiceException e) {
        error(request, e.code(), e.getMessage(), Map.of());
      } catch (StackOverflowError e) {
        error(request, ErrorCode.tooLarge, "The request is nested too deeply.", Map.of());
      } catch (RuntimeException | LinkageError e) {
        LOG.warn("A demo service failed", e);
        error(request, ErrorCode.internal, "The service failed.", Map.of());
      }
    } catch (JMSException | RuntimeException e) {
      // The connection or the requester's temporary destination is gone.
      LOG.debug("An answer could not be sent", e);
    }
  }

  /** Sends a JSON document as the answer. */
  void json(Request request, Object document) throws JMSException {
    text(request, toJson(document), Map.of("contentType", "application/json"));
  }

  /** Sends a text as the answer, with the status {@code ok} and further properties. */
  void text(Request request, String body, Map<String, ?> properties) throws JMSException {
    Map<String, Object> all = new LinkedHashMap<>(properties);
    all.put("status", "ok");
    reply(request, session.createTextMessage(body), all);
  }

  /** Sends bytes as the answer, with the status {@code ok} and further properties. */
  void bytes(Request request, byte[] body, Map<String, ?> properties) throws JMSException {
    BytesMessage message = session.createBytesMessage();
    message.writeBytes(body);
    Map<String, Object> all = new LinkedHashMap<>(properties);
    all.put("status", "ok");
    reply(request, message, all);
  }

  /** Sends an error as the answer. */
  void error(Request request, ErrorCode code, String text, Map<String, ?> properties)
      throws JMSException {
    Map<String, Object> all = new LinkedHashMap<>(properties);
    all.put("status", "error");
    all.put("contentType", "application/json");
    String body = toJson(Map.of("code", code.name(), "message", text == null ? "" : text));
    reply(request, session.createTextMessage(body), all);
  }

  /** Publishes a text on a topic; returns its {@code JMSMessageID}. */
  String publish(String topic, String body, Map<String, ?> properties) throws JMSException {
    Message message = session.createTextMessage(body);
    set(message, properties);
    producer.send(session.createTopic(topic), message);
    return message.getJMSMessageID();
  }

  String toJson(Object document) {
    try {
      return json.writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void reply(Request request, Message message, Map<String, ?> properties)
      throws JMSException {
    if (request.replyTo() == null) {
      return;
    }
    set(message, properties);
    message.setJMSCorrelationID(request.correlationId());
    producer.send(request.replyTo(), message);
  }

  private static void set(Message message, Map<String, ?> properties) throws JMSException {
    for (Map.Entry<String, ?> property : properties.entrySet()) {
      message.setObjectProperty(property.getKey(), property.getValue());
    }
  }
}
