package io.longspan.soak;

import io.longspan.wire.TestBroker;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.concurrent.locks.LockSupport;

/**
 * The services of a soak beside the honest one: the authorisation service, which answers 500
 * questions a second, and a generous one, which answers as much as it is asked for. They keep
 * nothing.
 */
final class SoakServices implements AutoCloseable {
  private static final int NANOS_PER_QUESTION = 2_000_000;

  private final Connection connection;

  SoakServices(TestBroker broker) throws JMSException {
    connection = broker.connectionFactory().createConnection();
    serve(SoakStage.AUTHORIZATION_SERVICE, SoakServices::authorize);
    serve(SoakStage.GENEROUS_SERVICE, SoakServices::answerGenerously);
    connection.start();
  }

  /** How a service answers. */
  private interface Answering {
    void answer(Session session, MessageProducer producer, Message question) throws JMSException;
  }

  private void serve(String queue, Answering answering) throws JMSException {
    Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    MessageProducer producer = session.createProducer(null);
    producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
    session
        .createConsumer(session.createQueue(queue))
        .setMessageListener(
            question -> {
              try {
                answering.answer(session, producer, question);
              } catch (JMSException goneOrMalformed) {
                // Attackers leave without waiting for their answers.
              }
            });
  }

  private static void authorize(Session session, MessageProducer producer, Message question)
      throws JMSException {
    LockSupport.parkNanos(NANOS_PER_QUESTION);
    TextMessage answer = session.createTextMessage("{\"allowed\":true,\"ttl\":20}");
    answer.setJMSCorrelationID(question.getJMSCorrelationID());
    producer.send(question.getJMSReplyTo(), answer);
  }

  private static void answerGenerously(Session session, MessageProducer producer, Message question)
      throws JMSException {
    int parts = question.getIntProperty("parts");
    String body = "x".repeat(question.getIntProperty("size"));
    for (int i = 1; i <= parts; i++) {
      TextMessage answer = session.createTextMessage(body);
      answer.setJMSCorrelationID(question.getJMSCorrelationID());
      answer.setIntProperty("sequence", i);
      answer.setStringProperty("done", String.valueOf(i == parts));
      producer.send(question.getJMSReplyTo(), answer);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (JMSException brokerHasEnded) {
      // There is nothing left to close.
    }
  }
}
