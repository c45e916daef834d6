package io.longspan.jms;

/**
 * Converts topic patterns to a broker's syntax. {@code *} is one token on every supported broker.
 */
final class Patterns {
  private Patterns() {}

  /** Replaces {@code **} at the end of a pattern by the broker's own wildcard. */
  static String replaceRest(String neutral, String rest) {
    return neutral.endsWith("**") ? neutral.substring(0, neutral.length() - 2) + rest : neutral;
  }
}
