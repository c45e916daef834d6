package io.longspan.jms;

import jakarta.jms.JMSException;

/** Another consumer, perhaps of another bridge, has a durable subscription at the broker. */
final class InUseException extends JMSException {
  private static final long serialVersionUID = 1L;

  InUseException(Exception cause) {
    super("the durable subscription has another consumer: " + cause.getMessage());
    initCause(cause);
    setLinkedException(cause);
  }
}
