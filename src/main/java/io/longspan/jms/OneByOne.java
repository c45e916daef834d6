package io.longspan.jms;

import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * How a provider consumes a queue or a durable subscription whose messages are settled one by one
 * ({@code docs/decisions/0064}, {@code 0075}). One object for each connection.
 *
 * <p>Providers send further messages when a message is handed over, not when it is acknowledged.
 * Each implementation prevents that in its own way, so that no message waits at a busy client.
 */
interface OneByOne {
  /**
   * Where messages come from.
   *
   * @param destination a queue, or the topic of a durable subscription
   * @param subscription the name of the durable subscription; empty for a queue
   * @param selector the selector; null for none
   */
  record Origin(Destination destination, Optional<String> subscription, String selector) {}

  /** Opens a session for consumers of many clients. Blocks until the broker has answered. */
  Session open(Connection connection) throws JMSException;

  /**
   * Opens a consumer that receives one message. A durable subscription is created if there is none.
   * Blocks until the broker has answered.
   *
   * @param session a session of {@link #open}
   * @param receiver receives the messages, one at a time
   * @param readers runs the tasks that wait for the body of a large message
   * @throws InUseException if the durable subscription has another consumer
   * @throws JMSException if the broker rejects the consumer. Nothing of it stays then
   */
  OneMessageConsumer consume(
      Connection connection,
      Session session,
      Origin origin,
      MessageReceiver receiver,
      Executor readers)
      throws JMSException;

  /**
   * Deletes a durable subscription with its messages, if it exists. Blocks until the broker has
   * answered.
   *
   * @throws InUseException if it has a consumer
   * @throws JMSException if the broker does not allow it, or if the connection is lost
   */
  void delete(Connection connection, Session session, Origin origin) throws JMSException;

  /**
   * Waits until the broker has processed all settlements of a session. Blocks.
   *
   * @throws JMSException if the connection is lost
   */
  void confirm(Connection connection, Session session) throws JMSException;

  /** Begins to end what this holds; the connection is closed next. Never blocks. Idempotent. */
  default void close() {}

  /** Ends the threads of the consumers and waits for that, at most the given time. */
  default void awaitEnd(Duration patience) {}
}
