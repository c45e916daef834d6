package io.longspan.jms;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The differences between JMS providers: the connection factory, the send call, and the broker's
 * limits. Each provider has one implementation, which is immutable.
 */
interface JmsProvider {
  /** Number of producer sessions if a send waits for the broker. */
  int BLOCKING_PRODUCER_SESSIONS = 12;

  /** Maximum duration of one call to the broker. */
  Duration CALL_TIMEOUT = Duration.ofSeconds(5);

  /**
   * Maximum number of messages that the broker sends ahead to one consumer before they are handled.
   *
   * <p>These messages use memory of the provider, which is not charged to any account. The default
   * of ActiveMQ would be 32,767. A value that the operator sets in {@code broker.url} has priority.
   */
  int PREFETCH = 200;

  /**
   * Maximum number of consumers of queues on one connection, from which on a client gets no
   * consumer beyond its first. RabbitMQ allows 2,047 channels by default.
   */
  int MAX_ADDITIONAL_SLOTS = 1500;

  /** The same limit in bytes, for a provider that limits bytes. */
  int PREFETCH_BYTES = 256 << 10;

  /**
   * Creates a connection factory.
   *
   * <p>The factory must not use the provider's fail-over. A send must return only after the broker
   * has answered, unless the provider overrides {@link #send}. Object messages must not be
   * deserialised. With JNDI the operator's definition decides instead.
   *
   * <p>With {@code broker.tls}, it uses what the files with certificates contain now.
   *
   * @throws BrokerFileException if such a file cannot be used now
   * @throws JMSException if the factory cannot be created
   */
  ConnectionFactory connectionFactory() throws JMSException;

  /**
   * Registers a listener for the loss of a connection.
   *
   * @param onFault is called on any thread, possibly several times, when the connection or one of
   *     its sessions has failed; never for a smaller failure
   */
  default void listen(Connection connection, Consumer<Exception> onFault) throws JMSException {
    connection.setExceptionListener(onFault::accept);
  }

  /**
   * Converts a topic pattern to the broker's syntax.
   *
   * @param neutral a pattern with {@code *} for one token, and optionally {@code **} at the end for
   *     the rest
   */
  String pattern(String neutral);

  /**
   * Returns the queue of a JMS name. May block until the broker has answered.
   *
   * @throws JMSException if there is no such queue, or if the connection is lost
   */
  default Queue queue(Session session, String name) throws JMSException {
    return session.createQueue(name);
  }

  /**
   * Returns the topic of a JMS name, or of a pattern in the broker's syntax. May block until the
   * broker has answered.
   *
   * @throws JMSException if there is no such topic, or if the connection is lost
   */
  default Topic topic(Session session, String name) throws JMSException {
    return session.createTopic(name);
  }

  /**
   * Returns the queue or topic of a JMS name. May block until the broker has answered.
   *
   * @throws JMSException if there is no such destination, or if the connection is lost
   */
  default Destination destination(Session session, Kind kind, String name) throws JMSException {
    return kind == Kind.QUEUE ? queue(session, name) : topic(session, name);
  }

  /**
   * Makes a call that the broker answers even if it accepts no messages. Blocks until the broker
   * has answered.
   *
   * @param heartbeats the reply destinations of the bridge
   * @throws JMSException if the broker does not answer
   */
  default void ask(Session session, HeartbeatDestination heartbeats) throws JMSException {
    heartbeats.ask(session);
  }

  /**
   * Creates a consumer. If the broker rejects the consumer, nothing of it stays at the broker.
   *
   * @param connection the connection of the session
   * @param session the session that other consumers share
   * @param selector the selector; null for none
   * @throws JMSException if the broker rejects the consumer, or if the connection is lost
   */
  default MessageConsumer createConsumer(
      Connection connection, Session session, Destination destination, String selector)
      throws JMSException {
    return session.createConsumer(destination, selector);
  }

  /** A new temporary topic or queue, and its consumer, which has no listener yet. */
  record Temporary(Destination destination, MessageConsumer consumer) {}

  /**
   * Creates a temporary topic or queue with its consumer. Blocks until the broker has answered. If
   * it fails, nothing of it is left at the broker.
   *
   * @throws JMSException if the broker rejects the destination or its consumer
   */
  default Temporary openTemporary(Connection connection, Session session, Kind kind)
      throws JMSException {
    Destination created = JmsTemporaryDestination.create(session, kind);
    try {
      return new Temporary(created, createConsumer(connection, session, created, null));
    } catch (JMSException | RuntimeException x) {
      JmsTemporaryDestination.deleteRejected(this, connection, created);
      throw x;
    }
  }

  /**
   * Deletes a destination of {@link #openTemporary}, whose consumer is closed. Blocks until the
   * broker has answered.
   *
   * @throws JMSException if the broker rejects that
   */
  default void deleteTemporary(Connection connection, Destination temporary) throws JMSException {
    JmsTemporaryDestination.delete(temporary);
  }

  /** Returns a connection factory for {@link #tryToSend}. */
  default ConnectionFactory trialFactory() throws JMSException {
    return connectionFactory();
  }

  /**
   * Sends a message in a transaction that is then rolled back. Blocks until the broker has answered
   * the message.
   *
   * @throws JMSException if the broker rejects it
   * @throws UnsupportedOperationException if the provider learns that only by a commit
   */
  default void tryToSend(Session transaction, Destination destination, long timeToLive)
      throws JMSException {
    transaction
        .createProducer(destination)
        .send(
            transaction.createMessage(),
            DeliveryMode.PERSISTENT,
            Message.DEFAULT_PRIORITY,
            timeToLive);
    transaction.rollback();
  }

  /**
   * Removes a destination that nobody uses, if the broker would keep it otherwise. Blocks until the
   * broker has answered.
   *
   * @throws JMSException if the broker does not allow it
   */
  default void remove(Connection connection, Destination destination) throws JMSException {}

  /**
   * Returns a queue or topic for {@code JMSReplyTo}. There is one for each client, so the session
   * must not remember it, and the broker must not be asked.
   *
   * @throws JMSException if the session is closed
   */
  default Destination replyTo(Session session, BrokerDestination destination) throws JMSException {
    return destination.kind() == Kind.QUEUE
        ? session.createQueue(destination.name())
        : session.createTopic(destination.name());
  }

  /**
   * Sends a message. Blocks until the broker has answered, unless the provider pipelines sends.
   *
   * @param producer a producer of this destination if {@link #producerPerDestination}, otherwise a
   *     producer without a destination
   * @param timeToLive in milliseconds; 0 for no expiry
   * @param listener is called once with the result, on any thread; must not block
   * @throws JMSException if the call failed. The listener is then not called. The broker may still
   *     have accepted the message, for example after a time-out
   */
  default void send(
      MessageProducer producer,
      Destination destination,
      Message message,
      int deliveryMode,
      int priority,
      long timeToLive,
      CompletionListener listener)
      throws JMSException {
    if (producerPerDestination()) {
      producer.send(message, deliveryMode, priority, timeToLive);
    } else {
      producer.send(destination, message, deliveryMode, priority, timeToLive);
    }
    listener.onCompletion(message);
  }

  /**
   * Returns the number of producer sessions. It is more than one, because a send blocks its
   * session. {@link SendQueue.Windows#BLOCKING} keeps one user from using more than half of them.
   */
  default int producerSessions() {
    return BLOCKING_PRODUCER_SESSIONS;
  }

  /** Returns the maximum numbers of messages in flight; {@code BLOCKING} if a send blocks. */
  default SendQueue.Windows sendWindows() {
    return SendQueue.Windows.BLOCKING;
  }

  /**
   * Returns whether each destination needs its own producer. This is so if flow control applies to
   * a producer: a full destination would block a shared producer.
   */
  default boolean producerPerDestination() {
    return false;
  }

  /** Returns whether every service receives this text of a property unchanged. */
  default boolean carriesText(String text) {
    return true;
  }

  /** Returns whether every service receives this property name, a Java identifier, unchanged. */
  default boolean carriesName(String name) {
    return true;
  }

  /**
   * Returns the acknowledgement mode of consumers of non-durable topics ({@code
   * docs/decisions/0010}).
   */
  default int topicAcknowledgeMode() {
    return Session.DUPS_OK_ACKNOWLEDGE;
  }

  /**
   * Returns how messages of a queue are settled one by one; empty if the provider cannot do it.
   * Called once for each connection.
   */
  default Optional<OneByOne> oneByOne() {
    return Optional.empty();
  }

  /**
   * Returns whether a durable subscription belongs to the client id of a connection, so that each
   * needs a connection of its own ({@link OwnConnections}).
   */
  default boolean bindsSubscriptionsToConnections() {
    return false;
  }
}
