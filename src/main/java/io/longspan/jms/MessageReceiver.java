package io.longspan.jms;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import org.apache.activemq.artemis.jms.client.ActiveMQMessageConsumer;

/** Takes the messages of a consumer on its session's delivery thread; must not block. */
interface MessageReceiver {
  /** A message has come. */
  void received(Message message);

  /**
   * A message has come that the provider could not prepare.
   *
   * @param message its headers; the body must not be read
   */
  void unreadable(Message message, Throwable cause);

  /**
   * A message has come that is too large for any client.
   *
   * @param message its headers; the body must not be read
   */
  void tooLarge(Message message);

  /** Returns the largest message that any client can take, in bytes of JSON. */
  long maxBytes();

  /** Gives a consumer's messages to a receiver from now on. */
  static void listen(MessageConsumer consumer, MessageReceiver receiver) throws JMSException {
    if (consumer instanceof ActiveMQMessageConsumer artemis) {
      ArtemisListener.listen(artemis, receiver);
    } else {
      consumer.setMessageListener(receiver::received);
    }
  }
}
