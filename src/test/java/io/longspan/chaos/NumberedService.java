package io.longspan.chaos;

import io.longspan.wire.TestBroker;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import org.apache.activemq.DestinationDoesNotExistException;

/**
 * Answers each request once, with its own body, which is its id, over its own connection to the
 * broker; one thread. It ignores cancellations.
 */
final class NumberedService implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 200;
  private static final long END_PATIENCE_MILLIS = 10_000;

  private final TestBroker broker;
  private final Ledger ledger;
  private final StrangeOrders orders;
  private final StrangeMessages strange;
  private final Thread thread = new Thread(this::run, "chaos-service");
  private volatile boolean stopped;

  /**
   * Begins to serve.
   *
   * @param orders which answers are not as they should be
   * @param strange how to make them
   */
  NumberedService(TestBroker broker, Ledger ledger, StrangeOrders orders, StrangeMessages strange) {
    this.orders = orders;
    this.strange = strange;
    this.broker = broker;
    this.ledger = ledger;
    thread.start();
  }

  private void run() {
    while (!stopped) {
      connectAndServe(ledger.outages().begin(Outages.EVERYWHERE, ledger.clock().now()));
    }
  }

  private void connectAndServe(Outages.Outage outage) {
    try (Connection connection = connect()) {
      ledger.outages().end(outage, ledger.clock().now());
      ledger.chaos().add("the service is connected");
      serve(connection);
      ledger.chaos().add("the service has ended");
    } catch (JMSException x) {
      ledger.chaos().add("the service lost the broker: " + x);
    }
  }

  /** Tries until there is a broker. */
  private Connection connect() throws JMSException {
    while (true) {
      try {
        return broker.connectionFactory().createConnection();
      } catch (JMSException x) {
        if (stopped) {
          throw x;
        }
        pause();
      }
    }
  }

  private void serve(Connection connection) throws JMSException {
    Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
    MessageConsumer consumer = session.createConsumer(session.createQueue(ChaosTopic.SERVICE));
    connection.start();
    while (!stopped) {
      Message request = consumer.receive(PATIENCE_MILLIS);
      if (request != null) {
        answer(session, request);
      }
    }
  }

  private void answer(Session session, Message request) throws JMSException {
    if (request.getBooleanProperty("cancel")) {
      return;
    }
    Strangeness strangeness = orders.nextAnswer();
    String id = ((TextMessage) request).getText();
    ledger.served().add(id);
    if (strangeness != Strangeness.NONE) {
      ledger.answers().put(id, strangeness);
    }
    Message answer = strange.make(session, strangeness, id);
    answer.setJMSCorrelationID(request.getJMSCorrelationID());
    try (MessageProducer producer = session.createProducer(request.getJMSReplyTo())) {
      producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
      producer.setTimeToLive(strange.timeToLive(strangeness));
      producer.send(answer);
    } catch (InvalidDestinationException | DestinationDoesNotExistException gone) {
      // Who asked is not there any more.
      return;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PATIENCE_MILLIS);
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join(END_PATIENCE_MILLIS);
      // Artemis' client can wait for a broker for ever.
      thread.interrupt();
      thread.join(END_PATIENCE_MILLIS);
    } catch (InterruptedException x) {
      Thread.currentThread().interrupt();
    }
  }
}
