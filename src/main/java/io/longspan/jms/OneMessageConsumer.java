package io.longspan.jms;

import jakarta.jms.JMSException;
import jakarta.jms.Message;

/**
 * A consumer that holds at most one message. It receives another one after {@link #resume}, or as
 * soon as the broker knows the outcome of the last one.
 *
 * <p>Called on the control thread of its {@link DeliverySession}, unless stated otherwise. Methods
 * may block until the broker has answered.
 */
interface OneMessageConsumer {
  /** Acknowledges the message that the consumer holds. {@link OneByOne#confirm} must follow. */
  void acknowledge(Message message) throws JMSException;

  /**
   * Gives the message back, so that any consumer can receive it. {@link OneByOne#confirm} must
   * follow.
   *
   * @param pausing whether the consumer must not receive another message before {@link #resume}
   */
  void release(Message message, boolean pausing) throws JMSException;

  /**
   * Lets the broker move the message to its own dead letter queue. {@link OneByOne#confirm} must
   * follow.
   *
   * @param reason the reason, for a broker that keeps it
   */
  void reject(Message message, String reason) throws JMSException;

  /** Lets the broker send the next message. */
  void resume() throws JMSException;

  /** Returns whether a settlement has closed the consumer, so that another one must be opened. */
  default boolean isUsedUp() {
    return false;
  }

  /** Returns whether the broker has ended the consumer. Never blocks. */
  boolean hasEnded();

  /** Closes the consumer. The broker takes back the message that it holds. */
  void close() throws JMSException;
}
