package io.longspan.jms;

import jakarta.jms.JMSException;
import java.lang.reflect.Field;
import java.util.concurrent.Executor;
import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.ActiveMQLargeMessageInterruptedException;
import org.apache.activemq.artemis.api.core.client.ClientMessage;
import org.apache.activemq.artemis.api.core.client.MessageHandler;
import org.apache.activemq.artemis.core.client.impl.ClientConsumerInternal;
import org.apache.activemq.artemis.core.client.impl.ClientLargeMessageImpl;
import org.apache.activemq.artemis.core.client.impl.LargeMessageController;
import org.apache.activemq.artemis.core.client.impl.LargeMessageControllerImpl;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;
import org.apache.activemq.artemis.jms.client.ActiveMQMessageConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Receives messages from the core client of Artemis.
 *
 * <p>The JMS listener of Artemis logs and drops a message that it cannot prepare. It also drops a
 * message that has expired by the clock of this machine. This listener passes both to the receiver,
 * so that the client is notified. It is called on the delivery thread of the consumer's session.
 *
 * <p>A message of more than 100 KiB is handed over before its body has arrived. Its body is read by
 * another thread ({@link LargeMessageReaders}), and the consumer is stopped meanwhile. The order is
 * kept, the following messages stay within the consumer's window, and other consumers of the
 * session do not wait.
 */
final class ArtemisListener implements MessageHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ArtemisListener.class);

  /** The maximum number of bytes that precede the characters of a text. */
  private static final int OVERHEAD = 16;

  private final ClientConsumerInternal consumer;
  private final MessageReceiver receiver;
  private final Executor readers;

  /** Notified of each message, which this listener does not acknowledge; null to acknowledge. */
  private final Holder holder;

  private ArtemisListener(
      ClientConsumerInternal consumer, MessageReceiver receiver, Executor readers, Holder holder) {
    this.consumer = consumer;
    this.receiver = receiver;
    this.readers = readers;
    this.holder = holder;
  }

  /** Settles the messages of a consumer itself, one at a time. */
  interface Holder {
    /** Called before a message is handed over. */
    void receives(ClientMessage message);

    /** Called just before the core client continues. */
    void received();
  }

  /** Returns a listener that acknowledges no message, and hands over no expired one. */
  static ArtemisListener holding(
      ClientConsumerInternal consumer, MessageReceiver receiver, Executor readers, Holder holder) {
    return new ArtemisListener(consumer, receiver, readers, holder);
  }

  /**
   * Registers a receiver as the only listener of a consumer.
   *
   * <p>If the client's class has changed, this method registers a JMS listener instead, which drops
   * unreadable messages.
   *
   * @param readers runs the tasks that wait for the body of a large message
   * @throws JMSException if the provider rejects the listener
   */
  static void listen(ActiveMQMessageConsumer consumer, MessageReceiver receiver, Executor readers)
      throws JMSException {
    try {
      // The JMS consumer has no accessor for its core consumer.
      Field field = ActiveMQMessageConsumer.class.getDeclaredField("consumer");
      field.setAccessible(true);
      ClientConsumerInternal core = (ClientConsumerInternal) field.get(consumer);
      core.setMessageHandler(new ArtemisListener(core, receiver, readers, null));
    } catch (ReflectiveOperationException | RuntimeException x) {
      LOG.warn(
          "messages that cannot be read are discarded without notice, because this version of"
              + " Artemis' client is not supported",
          x);
      consumer.setMessageListener(receiver::received);
    } catch (ActiveMQException x) {
      JMSException failure = new JMSException(x.getMessage());
      failure.initCause(x);
      throw failure;
    }
  }

  @Override
  public void onMessage(ClientMessage message) {
    if (holder != null) {
      holder.receives(message);
    }
    try {
      deliver(message);
    } finally {
      if (holder == null) {
        acknowledge(message);
      } else {
        holder.received();
      }
    }
  }

  @Override
  public void onMessageExpired(ClientMessage message) {
    // No acknowledgement: the core client reports the expiry to the broker itself.
    if (holder == null) {
      deliver(message);
    }
  }

  private void deliver(ClientMessage message) {
    if (message instanceof ClientLargeMessageImpl large) {
      deliverLarge(large);
    } else {
      receive(message);
    }
  }

  /**
   * Lets another thread read the message. When this listener returns, the core client waits for the
   * body of the message and discards it. So the core client is left with an empty body.
   */
  private void deliverLarge(ClientLargeMessageImpl message) {
    LargeMessageController body = message.getLargeMessageController();
    message.setLargeMessageController(noBody());
    try {
      consumer.stop(false);
    } catch (ActiveMQException x) {
      LOG.debug("large message discarded, its consumer is closed", x);
      return;
    }
    readers.execute(
        () -> {
          try {
            read(message, body);
          } finally {
            body.discardUnusedPackets();
            consumer.start();
          }
        });
  }

  private void read(ClientLargeMessageImpl message, LargeMessageController body) {
    ClientLargeMessageImpl whole = new ClientLargeMessageImpl();
    try {
      whole.retrieveExistingData(message);
    } catch (RuntimeException x) {
      // The sender has replaced the property that contains the size.
      receiver.unreadable(new ActiveMQMessage(message, null), x);
      return;
    }
    whole.setLargeMessageController(body);
    receive(whole);
  }

  private LargeMessageController noBody() {
    LargeMessageControllerImpl empty = new LargeMessageControllerImpl(consumer, 0, 0);
    // The core client does not wait for the parts of such a body.
    empty.setOriginallyRegular(true);
    return empty;
  }

  private void receive(ClientMessage message) {
    if (isTooLarge(message)) {
      receiver.tooLarge(new ActiveMQMessage(message, null));
      return;
    }
    ActiveMQMessage prepared;
    try {
      // Without a session and options, the client never deserialises object messages.
      prepared = ActiveMQMessage.createMessage(message, null);
      prepared.doBeforeReceive();
    } catch (ActiveMQException | RuntimeException | OutOfMemoryError x) {
      if (isInterrupted(x)) {
        LOG.debug("large message discarded, its consumer is closed", x);
        return;
      }
      // A corrupt length makes the client request more memory than exists.
      receiver.unreadable(new ActiveMQMessage(message, null), x);
      return;
    }
    receiver.received(prepared);
  }

  /** Returns whether a consumer was closed while a thread waited for the body of its message. */
  private static boolean isInterrupted(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ActiveMQLargeMessageInterruptedException) {
        return true;
      }
    }
    return false;
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
      LOG.debug("message could not be acknowledged", x);
    }
  }
}
