package io.longspan.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.time.Clock;

/** The echo service alone ({@code services/echo}), on one JMS connection that is not replaced. */
public final class EchoConnection implements AutoCloseable {
  private final Connection connection;

  /** Connects and starts to answer; blocks. */
  public EchoConnection(ConnectionFactory factory) throws JMSException {
    connection = factory.createConnection();
    try {
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      Answers answers = Answers.of(session, new ObjectMapper());
      session
          .createConsumer(session.createQueue("services/echo"))
          .setMessageListener(new ServiceListener(new EchoService(), answers, Clock.systemUTC()));
      connection.start();
    } catch (JMSException | RuntimeException unusable) {
      close();
      throw unusable;
    }
  }

  @Override
  public void close() throws JMSException {
    connection.close();
  }
}
