package io.longspan.catalogue;

/**
 * Encodes a segment of a client as one token of a JMS name. A dot separates tokens on every broker,
 * so it becomes {@code %2E}.
 *
 * <p>A percent sign becomes {@code %25} only before {@code 2E} or {@code 25}, so most
 * percent-encoded URIs stay unchanged. Two segments never have the same encoding.
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
