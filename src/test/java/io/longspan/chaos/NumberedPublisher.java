package io.longspan.chaos;

import io.longspan.wire.TestBroker;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.Random;

/**
 * Publishes numbered messages to all topics, in bursts, over its own connection to the broker; one
 * thread. It never sends a number twice.
 */
final class NumberedPublisher implements AutoCloseable {
  private static final int MAX_BURST = 4;

  /** The body of messages with which nothing is wrong. */
  static final String BODY = "x".repeat(700);

  private final TestBroker broker;
  private final Ledger ledger;
  private final StrangeOrders orders;
  private final StrangeMessages strange;
  private final Random random;
  private final int longestPauseMillis;
  private final Thread thread = new Thread(this::run, "chaos-publisher");
  private volatile boolean stopped;

  /**
   * Begins to publish.
   *
   * @param longestPause between two bursts; the mean is half of it
   * @param orders what it publishes beside that
   * @param strange how to make it
   */
  NumberedPublisher(
      TestBroker broker,
      Ledger ledger,
      long seed,
      Duration longestPause,
      StrangeOrders orders,
      StrangeMessages strange) {
    this.orders = orders;
    this.strange = strange;
    this.longestPauseMillis = Math.toIntExact(longestPause.toMillis());
    this.broker = broker;
    this.ledger = ledger;
    this.random = new Random(seed);
    thread.start();
  }

  private void run() {
    while (!stopped) {
      try (Connection connection = broker.connectionFactory().createConnection()) {
        ledger.chaos().add("the publisher is connected");
        publish(connection);
        ledger.chaos().add("the publisher has ended");
      } catch (JMSException x) {
        pause(); // The broker is away.
      }
    }
  }

  private void publish(Connection connection) throws JMSException {
    Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    MessageProducer producer = session.createProducer(null);
    producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
    while (!stopped) {
      publishOrders(session, producer);
      ChaosTopic topic = ChaosTopic.values()[random.nextInt(ChaosTopic.values().length)];
      int burst = 1 + random.nextInt(MAX_BURST);
      for (int i = 0; i < burst; i++) {
        publish(session, producer, topic, Strangeness.NONE);
      }
      pause();
    }
  }

  private void publishOrders(Session session, MessageProducer producer) throws JMSException {
    for (var next = orders.nextPublication(); next.isPresent(); next = orders.nextPublication()) {
      publish(session, producer, next.get().topic(), next.get().strangeness());
    }
  }

  private void publish(
      Session session, MessageProducer producer, ChaosTopic topic, Strangeness strangeness)
      throws JMSException {
    Publications publications = ledger.publications(topic);
    int number = publications.begin(ledger.clock().now(), strangeness);
    try {
      Message message = strange.make(session, strangeness, BODY);
      message.setIntProperty("number", number);
      producer.setTimeToLive(strange.timeToLive(strangeness));
      producer.send(session.createTopic(topic.logicalName()), message);
      publications.end(number, Publications.Fate.SENT);
    } catch (JMSException x) {
      publications.end(number, Publications.Fate.MAYBE_SENT);
      ledger.chaos().add("the publisher lost the broker: " + x);
      throw x;
    }
  }

  private void pause() {
    try {
      Thread.sleep(1 + random.nextInt(longestPauseMillis));
    } catch (InterruptedException x) {
      stopped = true;
    }
  }

  /** Waits for the send under way. */
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
