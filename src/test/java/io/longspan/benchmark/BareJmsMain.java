package io.longspan.benchmark;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * L2: JMS clients that ask the echo service, each with one request under way; 25 of them share a
 * connection.
 */
public final class BareJmsMain {
  private static final int CLIENTS_PER_CONNECTION = 25;

  private BareJmsMain() {}

  /**
   * Asks until the process is ended, and prints how many answers there were, ten times a second.
   *
   * @param arguments how many clients, then the broker: see {@link
   *     BenchmarkBroker#connectionFactory}
   */
  public static void main(String[] arguments) throws Exception {
    int clients = Integer.parseInt(arguments[0]);
    ConnectionFactory factory =
        BenchmarkBroker.connectionFactory(List.of(arguments).subList(1, 3).toArray(String[]::new));
    List<Client> all = new ArrayList<>();
    Connection connection = null;
    for (int i = 0; i < clients; i++) {
      if (i % CLIENTS_PER_CONNECTION == 0) {
        connection = factory.createConnection();
        connection.start();
      }
      all.add(new Client(connection.createSession(false, Session.AUTO_ACKNOWLEDGE)));
    }
    for (Client client : all) {
      client.ask();
    }
    System.out.println("ready");
    while (true) {
      Thread.sleep(100);
      System.out.println(
          "answers=" + all.stream().mapToLong(Client::answers).sum() + " at=" + System.nanoTime());
    }
  }

  /** One client; after its first request it is used on its session's thread only. */
  private static final class Client {
    private final Session session;
    private final MessageProducer producer;
    private final Destination replies;
    private volatile long answers;

    Client(Session session) throws JMSException {
      this.session = session;
      this.replies = session.createTemporaryTopic();
      this.producer = session.createProducer(session.createQueue("services/echo"));
      producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
      session.createConsumer(replies).setMessageListener(this::answered);
    }

    long answers() {
      return answers;
    }

    private void answered(Message answer) {
      try {
        if (((TextMessage) answer).getText().isEmpty()) {
          throw new JMSException("an empty answer");
        }
        answers++;
        ask();
      } catch (JMSException x) {
        x.printStackTrace();
      }
    }

    void ask() throws JMSException {
      TextMessage request = session.createTextMessage(Stamp.body(answers + 1, System.nanoTime()));
      request.setJMSReplyTo(replies);
      request.setJMSCorrelationID(Long.toString(answers + 1));
      producer.send(request);
    }
  }
}
