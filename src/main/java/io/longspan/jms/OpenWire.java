package io.longspan.jms;

import io.longspan.config.LongspanConfig.Dialect;

/**
 * Finds texts that OpenWire, the protocol of ActiveMQ, does not transfer unchanged.
 *
 * <p>The sender writes modified UTF-8 and the receiver reads standard UTF-8. Different characters
 * can therefore arrive as the same replacement character. For a user name this would be a security
 * hole.
 */
final class OpenWire {
  /**
   * The replacement for corrupt characters. A name that contains it is rejected too, so that it
   * cannot equal a corrupted name.
   */
  private static final char REPLACEMENT = '\ufffd';

  private OpenWire() {}

  /** Returns whether a property's text or name arrives unchanged. */
  static boolean carries(String text) {
    return text.indexOf('\0') < 0 && text.indexOf(REPLACEMENT) < 0 && isWithinBmp(text);
  }

  /**
   * Returns whether a property's text arrives unchanged at every service of a broker. On ActiveMQ
   * some services may use OpenWire, whichever protocol the bridge uses.
   */
  static boolean carries(Dialect dialect, String text) {
    return dialect != Dialect.ACTIVEMQ || carries(text);
  }

  /** Returns whether each character fits into one {@code char}. */
  static boolean isWithinBmp(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }
}
