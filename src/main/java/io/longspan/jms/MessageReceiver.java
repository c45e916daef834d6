package io.longspan.jms;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import org.apache.activemq.artemis.jms.client.ActiveMQMessageConsumer;

/** Receives the messages of one consumer on the session's delivery thread. No method may block. */
interface MessageReceiver {
  /** Receives a message. */
  void received(Message message);

  /**
   * Receives a message that the provider could not prepare.
   *
   * @param message the message; only its headers and properties may be read
   * @param cause the provider's error
   */
  void unreadable(Message message, Throwable cause);

  /**
   * Receives a message that is larger than a client's queue.
   *
   * @param message the message; only its headers and properties may be read
   */
  void tooLarge(Message message);

  /** Returns the maximum size of a message for one client, in bytes of JSON. */
  long maxBytes();

  /**
   * Registers a receiver as the only listener of a consumer.
   *
   * @throws JMSException if the provider rejects the listener
   */
  static void listen(MessageConsumer consumer, MessageReceiver receiver) throws JMSException {
    if (consumer instanceof ActiveMQMessageConsumer artemis) {
      ArtemisListener.listen(artemis, receiver);
    } else {
      consumer.setMessageListener(receiver::received);
    }
  }
}
