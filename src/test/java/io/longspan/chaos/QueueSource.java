package io.longspan.chaos;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Sends numbered persistent messages to the queue on a thread of its own, whatever happens. */
final class QueueSource implements AutoCloseable {
  private static final long PAUSE_MILLIS = 12;
  private static final long RETRY_MILLIS = 300;
  private static final long PATIENCE_MILLIS = 3000;

  private final ConnectionFactory factory;
  private final String queue;
  private final QueueLedger ledger;
  private final Thread thread = new Thread(this::run, "queue source");
  private volatile boolean stopped;

  /** Begins to send. */
  QueueSource(ConnectionFactory factory, String queue, QueueLedger ledger) {
    this.factory = factory;
    this.queue = queue;
    this.ledger = ledger;
    thread.start();
  }

  private void run() {
    int number = 0;
    while (!stopped) {
      try (Connection connection = factory.createConnection()) {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        while (!stopped) {
          // One that fails may be in the queue all the same, so its number is used up.
          number++;
          producer.send(session.createTextMessage(Integer.toString(number)));
          ledger.sent(number);
          TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
      } catch (JMSException x) {
        ledger.events().add("the source has lost its broker after " + number);
        pause();
      } catch (InterruptedException x) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes all messages of a queue; returns how often each number was in it. */
  static Map<Integer, Integer> drain(ConnectionFactory factory, String queue) {
    Map<Integer, Integer> found = new TreeMap<>();
    try (Connection connection = factory.createConnection()) {
      connection.start();
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      try (MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
        while (consumer.receive(PATIENCE_MILLIS) instanceof TextMessage message) {
          found.merge(Integer.parseInt(message.getText()), 1, Integer::sum);
        }
      }
      return found;
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  /** Ends sending. */
  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }
}
