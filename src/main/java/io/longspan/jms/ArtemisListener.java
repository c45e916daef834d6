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
 * Takes messages of Artemis' core client. Artemis' own JMS listener logs and drops a message that
 * it cannot prepare, and drops one that has expired by this machine's clock; here both are passed
 * on, so that they can be announced.
 */
final class ArtemisListener implements MessageHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ArtemisListener.class);

  /** The most bytes before the characters of a text. */
  private static final int OVERHEAD = 16;

  private final MessageReceiver receiver;

  private ArtemisListener(MessageReceiver receiver) {
    this.receiver = receiver;
  }

  /** Gives a consumer's messages to a receiver from now on. */
  static void listen(ActiveMQMessageConsumer consumer, MessageReceiver receiver)
      throws JMSException {
    try {
      // The JMS consumer tells nobody which core consumer is its own.
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
    // Not acknowledged: the core client tells the broker that it has expired.
    receive(message);
  }

  private void receive(ClientMessage message) {
    ActiveMQMessage prepared;
    if (isTooLarge(message)) {
      receiver.tooLarge(new ActiveMQMessage(message, null));
      return;
    }
    try {
      // No session and no options: object messages are never deserialised.
      prepared = ActiveMQMessage.createMessage(message, null);
      prepared.doBeforeReceive();
    } catch (ActiveMQException | RuntimeException | OutOfMemoryError x) {
      // A length that is garbage makes the client ask for more memory than there is.
      receiver.unreadable(new ActiveMQMessage(message, null), x);
      return;
    }
    receiver.received(prepared);
  }

  /** Artemis writes a long text with two bytes for each character, and a few before it. */
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
