package io.longspan.jms.forward;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.Optional;

/** How long a message may still live. */
final class TimeLeft {
  private TimeLeft() {}

  /** Returns the time to live, in milliseconds; 0 for no expiry; empty if it has expired. */
  static Optional<Long> of(Message message) throws JMSException {
    long expiration = message.getJMSExpiration();
    if (expiration == 0) {
      return Optional.of(0L);
    }
    long left = expiration - System.currentTimeMillis();
    return left > 0 ? Optional.of(left) : Optional.empty();
  }
}
