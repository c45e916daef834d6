package io.longspan.benchmark;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;

/** The service that answers the requests of the benchmark, in a process of its own. */
public final class EchoServiceMain {
  private static final int SESSIONS = 4;

  private EchoServiceMain() {}

  /**
   * Answers until the process is ended.
   *
   * @param arguments the broker: see {@link BenchmarkBroker#connectionFactory}
   */
  public static void main(String[] arguments) throws Exception {
    ConnectionFactory factory = BenchmarkBroker.connectionFactory(arguments);
    Connection connection = factory.createConnection();
    for (int i = 0; i < SESSIONS; i++) {
      Session session = connection.createSession(false, Session.DUPS_OK_ACKNOWLEDGE);
      MessageProducer producer = session.createProducer(null);
      producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
      session
          .createConsumer(session.createQueue("services/echo"))
          .setMessageListener(request -> answer(session, producer, request));
    }
    connection.start();
    System.out.println("ready");
    Thread.currentThread().join();
  }

  private static void answer(Session session, MessageProducer producer, Message request) {
    try {
      TextMessage answer = session.createTextMessage(((TextMessage) request).getText());
      answer.setJMSCorrelationID(request.getJMSCorrelationID());
      producer.send(request.getJMSReplyTo(), answer);
    } catch (JMSException x) {
      x.printStackTrace();
    }
  }
}
