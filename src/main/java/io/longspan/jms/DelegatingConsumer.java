package io.longspan.jms;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;

/** A consumer that passes every call on to another one. Subclasses change some of the calls. */
abstract class DelegatingConsumer implements MessageConsumer {
  private final MessageConsumer consumer;

  /**
   * Wraps a consumer.
   *
   * @param consumer receives the calls
   */
  DelegatingConsumer(MessageConsumer consumer) {
    this.consumer = consumer;
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
    consumer.close();
  }
}
