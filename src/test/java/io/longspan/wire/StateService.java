package io.longspan.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A service that gives the state of topics: the number of the last message that it has published.
 * It can leave questions without an answer until it is told to give one.
 */
final class StateService implements AutoCloseable {
  private final TestService service;
  private final List<Message> held = new CopyOnWriteArrayList<>();
  private volatile boolean holding;
  private volatile int published;
  private volatile String lastId;

  StateService(TestService service) {
    this.service = service;
    service.serve("services/state", (session, question) -> asked(question));
  }

  private void asked(Message question) throws JMSException {
    held.add(question);
    if (!holding) {
      answer();
    }
  }

  /** From now on nothing is answered. */
  void hold() {
    holding = true;
  }

  /** Waits for a question about a topic. */
  JsonNode awaitQuestion(String topic) {
    return json(service.await(message -> topic.equals(json(message).path("topic").textValue())));
  }

  /** Returns the questions about a topic so far. */
  List<Message> questions(String topic) {
    return service.received().stream()
        .filter(message -> topic.equals(json(message).path("topic").textValue()))
        .toList();
  }

  static JsonNode json(Message question) {
    try {
      return RawBayeuxClient.JSON.readTree(TestService.text(question));
    } catch (JsonProcessingException x) {
      throw new IllegalStateException(x);
    }
  }

  /** Publishes the next message, m1, m2, … */
  synchronized void publish(String jmsTopic) {
    int number = published + 1;
    service.publish(
        jmsTopic,
        session -> {
          Message message = session.createTextMessage("m" + number);
          sent = message;
          return message;
        });
    published = number;
    try {
      lastId = sent.getJMSMessageID();
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  /** Guarded by this. */
  private Message sent;

  /** Answers the questions that wait, with the state of now, and later ones at once. */
  synchronized void answer() {
    holding = false;
    for (Message question : held) {
      held.remove(question);
      part(question, "state" + published, 1, true);
    }
  }

  /** Answers the questions that wait, in parts. */
  synchronized void answerInParts(int parts) {
    for (Message question : held) {
      held.remove(question);
      for (int i = 1; i <= parts; i++) {
        part(question, "state" + published + "." + i, i, i == parts);
      }
    }
  }

  private void part(Message question, String body, int sequence, boolean last) {
    try {
      service.send(
          session -> question.getJMSReplyTo(),
          session -> {
            Message answer = session.createTextMessage(body);
            answer.setJMSCorrelationID(question.getJMSCorrelationID());
            answer.setIntProperty("sequence", sequence);
            answer.setStringProperty("done", String.valueOf(last));
            if (last && lastId != null) {
              answer.setStringProperty("snapshotThrough", lastId);
            }
            return answer;
          });
    } catch (IllegalStateException gone) {
      // The bridge that asked has gone.
      return;
    }
  }

  @Override
  public void close() {
    service.close();
  }
}
