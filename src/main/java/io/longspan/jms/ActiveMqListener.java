package io.longspan.jms;

import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import java.lang.reflect.Field;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.activemq.ActiveMQMessageConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Registers the listener of a consumer of ActiveMQ's client whose destination nobody knows yet.
 *
 * <p>The client's own method stops and starts all consumers of the session meanwhile, so that no
 * message that has arrived already is lost or late. With a consumer for each client, connecting
 * many clients would cost the square of their number. A new temporary destination has no message.
 */
final class ActiveMqListener {
  private static final Logger LOG = LoggerFactory.getLogger(ActiveMqListener.class);

  /** Empty if this version of the client has no such field. */
  private static final Optional<Field> LISTENER = listenerField();

  private ActiveMqListener() {}

  private static Optional<Field> listenerField() {
    try {
      Field field = ActiveMQMessageConsumer.class.getDeclaredField("messageListener");
      field.setAccessible(true);
      return Optional.of(field).filter(f -> f.getType() == AtomicReference.class);
    } catch (ReflectiveOperationException | RuntimeException x) {
      LOG.warn(
          "connecting many clients is slow, because this version of ActiveMQ's client is not"
              + " supported",
          x);
      return Optional.empty();
    }
  }

  /**
   * Registers a listener as the only one of a consumer.
   *
   * @param consumer a consumer of a temporary destination whose name was not given to anybody
   * @throws JMSException if the client rejects the listener
   */
  @SuppressWarnings("unchecked") // the field's declaration in ActiveMQMessageConsumer
  static void listen(ActiveMQMessageConsumer consumer, MessageListener listener)
      throws JMSException {
    if (LISTENER.isEmpty()) {
      consumer.setMessageListener(listener);
      return;
    }
    try {
      ((AtomicReference<MessageListener>) LISTENER.get().get(consumer)).set(listener);
    } catch (IllegalAccessException x) {
      throw new IllegalStateException("the field was made accessible", x);
    }
  }
}
