package io.longspan.jms;

import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;

/** A consumer with a session of its own, which is closed with the consumer. */
record SessionConsumer(Session session, MessageConsumer consumer) implements MessageConsumer {

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
  public String getMessageSelector() throws JMSException {
    return consumer.getMessageSelector();
  }

  @Override
  public MessageListener getMessageListener() throws JMSException {
    return consumer.getMessageListener();
  }

  @Override
  public void setMessageListener(MessageListener listener) throws JMSException {
    consumer.setMessageListener(listener);
  }

  @Override
  public Message receive() throws JMSException {
    return consumer.receive();
  }

  @Override
  public Message receive(long timeout) throws JMSException {
    return consumer.receive(timeout);
  }

  @Override
  public Message receiveNoWait() throws JMSException {
    return consumer.receiveNoWait();
  }

  @Override
  public void close() throws JMSException {
    session.close();
  }
}
