package io.longspan.jms;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import java.util.concurrent.Executor;
import org.apache.activemq.artemis.jms.client.ActiveMQMessageConsumer;

/**
 * Receives the messages of one consumer, one at a time: on the session's delivery thread, or a
 * large message on a thread of {@link LargeMessageReaders}. No method may block.
 */
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
   * @param readers runs the tasks that wait for the body of a large message
   * @param isNew whether the destination is a temporary one whose name was not given to anybody
   * @throws JMSException if the provider rejects the listener
   */
  static void listen(
      MessageConsumer consumer, MessageReceiver receiver, Executor readers, boolean isNew)
      throws JMSException {
    if (consumer instanceof ActiveMQMessageConsumer artemis) {
      ArtemisListener.listen(artemis, receiver, readers);
    } else if (consumer instanceof RabbitMqConsumer rabbit) {
      rabbit.listen(receiver);
    } else if (isNew && consumer instanceof org.apache.activemq.ActiveMQMessageConsumer activeMq) {
      ActiveMqListener.listen(activeMq, receiver::received);
    } else {
      consumer.setMessageListener(receiver::received);
    }
  }
}
