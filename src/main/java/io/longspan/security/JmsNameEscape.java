package io.longspan.security;

/**
 * Writes a client's segment into one token of a JMS name. The dot separates tokens on every broker,
 * so a dot becomes {@code %2E}; a percent sign becomes {@code %25}, but only where it would
 * otherwise read as one of these two, so that percent-encoded URIs stay as they are. Two segments
 * never share an encoding.
 */
final class JmsNameEscape {
  private JmsNameEscape() {}

  static String escape(String segment) {
    return segment.replaceAll("%(?=2E|25)", "%25").replace(".", "%2E");
  }

  static String unescape(String token) {
    StringBuilder segment = new StringBuilder(token.length());
    for (int i = 0; i < token.length(); i++) {
      if (token.startsWith("%2E", i)) {
        segment.append('.');
        i += 2;
      } else if (token.startsWith("%25", i)) {
        segment.append('%');
        i += 2;
      } else {
        segment.append(token.charAt(i));
      }
    }
    return segment.toString();
  }
}
