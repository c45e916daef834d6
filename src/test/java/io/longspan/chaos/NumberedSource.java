package io.longspan.chaos;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Sends numbered persistent messages to a queue or a topic on a thread of its own, whatever
 * happens.
 */
final class NumberedSource implements AutoCloseable {
  private static final long QUEUE_PAUSE_MILLIS = 12;

  /** One client at a time acknowledges the messages of a topic, and it is away for long. */
  private static final long TOPIC_PAUSE_MILLIS = 150;

  private static final long RETRY_MILLIS = 300;
  private static final long PATIENCE_MILLIS = 3000;

  /** Finds where messages go to. */
  @FunctionalInterface
  private interface Target {
    Destination of(Session session) throws JMSException;
  }

  private final ConnectionFactory factory;
  private final Target target;
  private final List<QueueLedger> ledgers;
  private final long pause;
  private final Thread thread = new Thread(this::run, "numbered source");
  private volatile boolean stopped;

  private NumberedSource(
      ConnectionFactory factory, Target target, List<QueueLedger> ledgers, long pause) {
    this.factory = factory;
    this.target = target;
    this.ledgers = ledgers;
    this.pause = pause;
    thread.start();
  }

  /** Begins to send to a queue. */
  static NumberedSource ofQueue(ConnectionFactory factory, String queue, QueueLedger ledger) {
    return new NumberedSource(
        factory, session -> session.createQueue(queue), List.of(ledger), QUEUE_PAUSE_MILLIS);
  }

  /**
   * Begins to publish on a topic.
   *
   * @param ledgers those of its durable subscriptions
   */
  static NumberedSource ofTopic(
      ConnectionFactory factory, String topic, List<QueueLedger> ledgers) {
    return new NumberedSource(
        factory, session -> session.createTopic(topic), ledgers, TOPIC_PAUSE_MILLIS);
  }

  private void run() {
    int number = 0;
    while (!stopped) {
      try (Connection connection = factory.createConnection()) {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(target.of(session));
        while (!stopped) {
          // One that fails may have been taken all the same, so its number is used up.
          number++;
          producer.send(session.createTextMessage(Integer.toString(number)));
          for (QueueLedger ledger : ledgers) {
            ledger.sent(number);
          }
          TimeUnit.MILLISECONDS.sleep(pause);
        }
      } catch (JMSException x) {
        ledgers.get(0).events().add("the source has lost its broker after " + number);
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
