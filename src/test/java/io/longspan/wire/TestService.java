package io.longspan.wire;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A back-end service: a plain JMS client that knows nothing of the bridge. */
public final class TestService implements AutoCloseable {

  /** Something to do with a JMS session. */
  @FunctionalInterface
  public interface Work<T> {
    T with(Session session) throws JMSException;
  }

  /** Makes an answer to a message. */
  @FunctionalInterface
  public interface Responder {
    void answer(Session session, Message request) throws JMSException;
  }

  private final Connection connection;
  private final Session sending;
  private final MessageProducer producer;
  private final List<Message> received = new CopyOnWriteArrayList<>();

  public TestService(ConnectionFactory factory) {
    try {
      connection = factory.createConnection();
      connection.start();
      sending = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      producer = sending.createProducer(null);
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  /** Keeps what arrives, and answers it. */
  public TestService serve(String queue, Responder responder) {
    return listen(session -> session.createQueue(queue), responder);
  }

  /** Keeps what is published. */
  public TestService watch(String topic) {
    return listen(session -> session.createTopic(topic), (session, message) -> {});
  }

  private TestService listen(Work<Destination> destination, Responder responder) {
    try {
      Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
      session
          .createConsumer(destination.with(session))
          .setMessageListener(
              message -> {
                received.add(message);
                try {
                  responder.answer(session, message);
                } catch (JMSException x) {
                  throw new IllegalStateException(x);
                }
              });
      return this;
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  /** Answers with the body that came, as a text message. */
  public static void echo(Session session, Message request) throws JMSException {
    reply(session, request, session.createTextMessage(request.getBody(String.class)));
  }

  public static void reply(Session session, Message request, Message answer) throws JMSException {
    answer.setJMSCorrelationID(request.getJMSCorrelationID());
    try (MessageProducer producer = session.createProducer(request.getJMSReplyTo())) {
      producer.send(answer);
    }
  }

  /** Makes a message and sends it. */
  public synchronized void send(Work<Destination> destination, Work<Message> message) {
    try {
      producer.send(destination.with(sending), message.with(sending));
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  public void publish(String topic, Work<Message> message) {
    send(session -> session.createTopic(topic), message);
  }

  public List<Message> received() {
    return received;
  }

  /** Returns the JMS name of a topic or queue. */
  static String nameOf(Destination destination) throws JMSException {
    return destination instanceof Queue queue
        ? queue.getQueueName()
        : ((Topic) destination).getTopicName();
  }

  /** Returns the body of a message that is a text. */
  static String text(Message message) {
    try {
      return message.getBody(String.class);
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }

  public Message await(Predicate<Message> wanted) {
    return Awaitility.await()
        .until(() -> received.stream().filter(wanted).findFirst().orElse(null), m -> m != null);
  }

  /** Waits for a text that has all these parts. */
  Message awaitText(String... parts) {
    return await(message -> Stream.of(parts).allMatch(text(message)::contains));
  }

  public Message awaitFirst() {
    return await(message -> true);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (JMSException x) {
      // Its broker may be gone.
      received.clear();
    }
  }
}
