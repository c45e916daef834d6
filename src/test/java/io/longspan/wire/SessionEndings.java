package io.longspan.wire;

import jakarta.jms.JMSException;
import jakarta.jms.Message;

/** Reads what {@code bridge/clients} says. */
final class SessionEndings {
  private SessionEndings() {}

  static String text(Message message) {
    try {
      return message.getBody(String.class);
    } catch (JMSException x) {
      throw new IllegalStateException(x);
    }
  }
}
