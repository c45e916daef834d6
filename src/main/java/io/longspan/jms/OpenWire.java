package io.longspan.jms;

import io.longspan.config.LongspanConfig.Dialect;

/**
 * What ActiveMQ's protocol makes of texts in properties: the sender writes modified UTF-8, the
 * receiver reads standard UTF-8, so that different characters arrive as the same replacement.
 */
final class OpenWire {
  /** What corrupted characters are read as; nobody may have a name that holds it by himself. */
  private static final char REPLACEMENT = '\ufffd';

  private OpenWire() {}

  /** Returns whether a text in a property, or the property's name, arrives as it is. */
  static boolean carries(String text) {
    return text.indexOf('\0') < 0 && text.indexOf(REPLACEMENT) < 0 && isWithinBmp(text);
  }

  /**
   * Returns whether a text in a property arrives as it is at each service of a broker, whatever
   * client sends it: services of ActiveMQ may speak this protocol.
   */
  static boolean carries(Dialect dialect, String text) {
    return dialect != Dialect.ACTIVEMQ || carries(text);
  }

  /** Returns whether each character takes one {@code char}. */
  static boolean isWithinBmp(String text) {
    return text.chars().noneMatch(c -> Character.isSurrogate((char) c));
  }
}
