package io.longspan.jms;

import jakarta.jms.JMSException;
import java.lang.reflect.Field;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.client.ClientConsumer;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.MessageHandler;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;
import org.apache.activemq.artemis.jms.client.ActiveMQMessageConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives messages from the core client of Artemis.
 *
 * <p>The JMS listener of Artemis logs and drops a message that it cannot prepare. It also drops a
 * message that has expired by the clock of this machine. This listener passes both to the receiver,
 * so that the client is notified. Runs on the delivery thread of the consumer's session.
 */
final class ArtemisListener implements MessageHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ArtemisListener.class);

  /** The maximum number of bytes that precede the characters of a text. */
  private static final int OVERHEAD = 16;

  private final MessageReceiver receiver;

  private ArtemisListener(MessageReceiver receiver) {
    this.receiver = receiver;
  }

  /**
   * Registers a receiver as the only listener of a consumer.
   *
   * <p>If the client's class has changed, this method registers a JMS listener instead, which drops
   * unreadable messages.
   *
   * @throws JMSException if the provider rejects the listener
   */
  static void listen(ActiveMQMessageConsumer consumer, MessageReceiver receiver)
      throws JMSException {
    try {
      // The JMS consumer has no accessor for its core consumer.
      Field core = ActiveMQMessageConsumer.class.getDeclaredField("consumer");
      core.setAccessible(true);
      ((ClientConsumer) core.get(consumer)).setMessageHandler(new ArtemisListener(receiver));
    } catch (ReflectiveOperationException | RuntimeException x) {
      LOG.warn("this version of Artemis' client drops messages that it cannot read", x);
      consumer.setMessageListener(receiver::received);
    } catch (ActiveMQException x) {
      JMSException failure = new JMSException(x.getMessage());
      failure.initCause(x);
      throw failure;
    }
  }

  @Override
  public void onMessage(ClientMessage message) {
    try {
      receive(message);
    } finally {
      acknowledge(message);
    }
  }

  @Override
  public void onMessageExpired(ClientMessage message) {
    // No acknowledgement: the core client reports the expiry to the broker itself.
    receive(message);
  }

  private void receive(ClientMessage message) {
    ActiveMQMessage prepared;
    if (isTooLarge(message)) {
      receiver.tooLarge(new ActiveMQMessage(message, null));
      return;
    }
    try {
      // Without a session and options, the client never deserialises object messages.
      prepared = ActiveMQMessage.createMessage(message, null);
      prepared.doBeforeReceive();
    } catch (ActiveMQException | RuntimeException | OutOfMemoryError x) {
      // A corrupt length makes the client request more memory than exists.
      receiver.unreadable(new ActiveMQMessage(message, null), x);
      return;
    }
    receiver.received(prepared);
  }

  /**
   * Returns whether a large message has an invalid size, or a text beyond the limit. Artemis
   * encodes a long text with two bytes per character, after a short header.
   */
  private boolean isTooLarge(ClientMessage message) {
    return message.isLargeMessage()
        && (message.getBodySize() < 0
            || (message.getBodySize() - OVERHEAD) / 2 > receiver.maxBytes());
  }

  private static void acknowledge(ClientMessage message) {
    try {
      message.acknowledge();
    } catch (ActiveMQException x) {
      LOG.debug("a message could not be acknowledged", x);
    }
  }
}
