package io.longspan.jms;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.function.Consumer;

/** What differs between JMS providers. */
interface JmsProvider {
  /** How many sessions send where a send waits for the broker. */
  int BLOCKING_SENDER_LANES = 12;

  /** How long a call to the broker may take before it counts as failed. */
  Duration CALL_TIMEOUT = Duration.ofSeconds(5);

  /**
   * How many messages a broker may send to one consumer ahead of those that were handled. They lie
   * in the provider, where no budget counts them; a provider's own default is up to 32,767. What an
   * operator sets in {@code broker.url} is left as it is.
   */
  int PREFETCH = 200;

  /** The same in bytes, for a provider that counts these. */
  int PREFETCH_BYTES = 256 << 10;

  /**
   * Creates the connection factory: no fail-over of its own, sends that return when the broker has
   * taken the message, object messages that cannot be deserialised.
   */
  ConnectionFactory connectionFactory() throws JMSException;

  /**
   * Hears of a connection that has failed.
   *
   * @param onFault is called on any thread, possibly several times; hears of nothing less than the
   *     connection or one of its sessions
   */
  default void listen(Connection connection, Consumer<Exception> onFault) throws JMSException {
    connection.setExceptionListener(onFault::accept);
  }

  /** Writes a pattern of topics, with {@code *} and a last {@code **}, in the broker's syntax. */
  String pattern(String neutral);

  /**
   * Creates a consumer of a topic. Where the broker refuses it, nothing of it stays at the broker.
   *
   * @param selector null for none
   */
  default MessageConsumer createConsumer(Session session, Topic topic, String selector)
      throws JMSException {
    return session.createConsumer(topic, selector);
  }

  /**
   * Sends a message. May block until the broker has taken it.
   *
   * @param producer the destination's own where {@link #producerPerDestination}, else one without a
   *     destination
   * @param listener hears once what became of it, on any thread; must not block
   * @throws JMSException where it was not sent; the listener then hears nothing
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
   * Returns how many sessions send at once: several, since a send waits for the broker. One user
   * can hold half of them, see {@link SendQueue.Windows#BLOCKING}.
   */
  default int senderLanes() {
    return BLOCKING_SENDER_LANES;
  }

  /** Returns how many messages may be in flight; {@code BLOCKING} where a send waits. */
  default SendQueue.Windows sendWindows() {
    return SendQueue.Windows.BLOCKING;
  }

  /**
   * Returns whether each destination needs a producer of its own: where flow control is the
   * producer's, one that serves all destinations is held by the one that is full.
   */
  default boolean producerPerDestination() {
    return false;
  }

  /** Returns whether a text in a property reaches every service as it is. */
  default boolean carriesText(String text) {
    return true;
  }

  /** Returns whether a property's name, a Java identifier, reaches every service as it is. */
  default boolean carriesName(String name) {
    return true;
  }

  /** Returns the acknowledgement mode of consumers of non-durable topics. */
  default int topicAcknowledgeMode() {
    return Session.DUPS_OK_ACKNOWLEDGE;
  }
}
