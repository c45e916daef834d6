package io.longspan.jms;

import java.nio.charset.StandardCharsets;

/** Texts that RabbitMQ or its JMS client does not transfer. */
final class RabbitMqLimits {
  /** Maximum size of a text that Java's {@code writeUTF} accepts, in bytes. */
  private static final int MAX_UTF_BYTES = 65_535;

  private RabbitMqLimits() {}

  static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /**
   * Returns whether a property may have this text. AMQP headers are UTF-8, in which an unpaired
   * surrogate cannot be written.
   */
  static boolean carriesText(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isHighSurrogate(c)
          ? i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))
          : Character.isLowSurrogate(c)
              && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)))) {
        return false;
      }
      bytes += c != 0 && c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
    }
    return bytes <= MAX_UTF_BYTES;
  }
}
