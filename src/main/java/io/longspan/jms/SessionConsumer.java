package io.longspan.jms;

import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;

/** A consumer with a session of its own, which is closed with the consumer. */
final class SessionConsumer extends DelegatingConsumer {
  private final Session session;

  private SessionConsumer(Session session, MessageConsumer consumer) {
    super(consumer);
    this.session = session;
  }

  /**
   * Opens the session and the consumer. Blocks until the broker has answered.
   *
   * @param selector the selector; null for none
   * @throws JMSException if the broker rejects one of them. Nothing of them stays then
   */
  static SessionConsumer open(
      Connection connection, int acknowledgeMode, Destination destination, String selector)
      throws JMSException {
    Session session = connection.createSession(false, acknowledgeMode);
    try {
      return new SessionConsumer(session, session.createConsumer(destination, selector));
    } catch (JMSException | RuntimeException x) {
      session.close();
      throw x;
    }
  }

  @Override
  public void close() throws JMSException {
    session.close();
  }
}
