package io.longspan.benchmark;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.concurrent.atomic.LongAdder;

/**
 * L2 of W5: JMS clients that consume one queue, each with one message at a time, and acknowledge
 * each message by itself; 25 of them share a connection.
 */
public final class BareQueueMain {
  private static final int CLIENTS_PER_CONNECTION = 25;

  private BareQueueMain() {}

  /**
   * Consumes until the process is ended, and prints how many messages were acknowledged, ten times
   * a second.
   *
   * @param arguments how many clients, the name of the {@link BenchmarkBroker}, and its URL
   */
  public static void main(String[] arguments) throws Exception {
    int clients = Integer.parseInt(arguments[0]);
    BenchmarkBroker broker = BenchmarkBroker.valueOf(arguments[1]);
    ConnectionFactory factory = broker.connectWorkers(arguments[2]);
    LongAdder acknowledged = new LongAdder();
    Connection connection = null;
    for (int i = 0; i < clients; i++) {
      if (i % CLIENTS_PER_CONNECTION == 0) {
        connection = factory.createConnection();
        connection.start();
      }
      Session session = connection.createSession(false, broker.individualAcknowledge());
      session
          .createConsumer(session.createQueue(QueueWork.QUEUE))
          .setMessageListener(message -> acknowledge(message, acknowledged));
    }
    System.out.println("ready");
    while (true) {
      Thread.sleep(100);
      System.out.println("answers=" + acknowledged.sum() + " at=" + System.nanoTime());
    }
  }

  private static void acknowledge(Message message, LongAdder acknowledged) {
    try {
      if (((TextMessage) message).getText().isEmpty()) {
        throw new JMSException("an empty message");
      }
      message.acknowledge();
      acknowledged.increment();
    } catch (JMSException x) {
      x.printStackTrace();
    }
  }
}
