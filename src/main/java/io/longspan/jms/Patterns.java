package io.longspan.jms;

/** Rewrites patterns of topics; {@code *} is one token on every supported broker. */
final class Patterns {
  private Patterns() {}

  /** Replaces a last {@code **}. */
  static String replaceRest(String neutral, String rest) {
    return neutral.endsWith("**") ? neutral.substring(0, neutral.length() - 2) + rest : neutral;
  }
}
