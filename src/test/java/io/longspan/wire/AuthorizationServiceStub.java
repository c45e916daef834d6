package io.longspan.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authorisation service of a test: it allows everybody but those it was told to refuse, for an
 * hour, and can leave questions without an answer until it is told to give one.
 */
public final class AuthorizationServiceStub implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuthorizationServiceStub.class);

  private final TestService service;
  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private final List<Message> held = new CopyOnWriteArrayList<>();
  private volatile boolean holding;
  private volatile long pause;

  public AuthorizationServiceStub(ConnectionFactory factory) {
    service = new TestService(factory);
    service.serve("services/authorization", (session, question) -> asked(question));
  }

  private void asked(Message question) throws JMSException {
    rest();
    if (holding) {
      held.add(question);
    } else {
      answerIfWanted(question);
    }
  }

  /** Whoever asked may have gone; an exception here would bring the question again, and again. */
  private void answerIfWanted(Message question) throws JMSException {
    try {
      answer(question, !refused.contains(user(question)));
    } catch (IllegalStateException gone) {
      LOG.debug("nobody waits for the answer any more", gone);
    }
  }

  private void rest() {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /** From now on each question takes so many milliseconds, one after the other. */
  void takeForEach(long millis) {
    pause = millis;
  }

  private static String user(Message question) throws JMSException {
    try {
      return RawBayeuxClient.JSON.readTree(question.getBody(String.class)).path("user").textValue();
    } catch (JsonProcessingException x) {
      throw new IllegalStateException(x);
    }
  }

  private void answer(Message question, boolean allowed) {
    service.send(
        session -> question.getJMSReplyTo(),
        session -> {
          Message answer = session.createTextMessage("{\"allowed\":" + allowed + ",\"ttl\":3600}");
          answer.setJMSCorrelationID(question.getJMSCorrelationID());
          return answer;
        });
  }

  /** Returns how many questions came so far, answered or not. */
  int questions() {
    return service.received().size();
  }

  void allow(String user) {
    refused.remove(user);
  }

  void refuse(String user) {
    refused.add(user);
  }

  /** From now on nothing is answered. */
  public void hold() {
    holding = true;
  }

  /** Returns how many questions wait. */
  public int held() {
    return held.size();
  }

  /** Answers one of those that wait, by the order in which they came. */
  void answerHeld(int index, boolean allowed) {
    answer(held.remove(index), allowed);
  }

  /** Answers again; those who waited are all allowed. */
  public void releaseAllowing() {
    holding = false;
    held.forEach(question -> answer(question, true));
    held.clear();
  }

  /** Publishes that rights have changed. */
  public void announce(String destination, String... fields) {
    StringBuilder event =
        new StringBuilder("{\"event\":\"changed\",\"destination\":\"" + destination + "\"");
    for (int i = 0; i < fields.length; i += 2) {
      event.append(",\"%s\":\"%s\"".formatted(fields[i], fields[i + 1]));
    }
    String json = event.append('}').toString();
    service.publish("bridge/authorization-events", session -> session.createTextMessage(json));
  }

  @Override
  public void close() {
    service.close();
  }
}
