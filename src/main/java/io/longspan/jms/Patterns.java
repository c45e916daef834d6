package io.longspan.jms;

import io.longspan.config.LongspanConfig.Dialect;
import java.util.regex.Pattern;

/** Converts topic patterns to a broker's syntax. */
final class Patterns {
  /** One level of a name with slashes. */
  private static final Pattern SINGLE_LEVEL = Pattern.compile("(?<=^|/)\\*(?=/|$)");

  private Patterns() {}

  /**
   * Converts a pattern to a broker's syntax.
   *
   * @param neutral a pattern with {@code *} for one level, and optionally {@code **} at the end
   */
  static String of(Dialect dialect, String neutral) {
    return switch (dialect) {
      case ACTIVEMQ, SOLACE -> replaceRest(neutral, ">");
      case ARTEMIS, RABBITMQ -> replaceRest(neutral, "#");
      case IBMMQ -> replaceRest(SINGLE_LEVEL.matcher(neutral).replaceAll("+"), "#");
    };
  }

  /** Replaces {@code **} at the end of a pattern by the broker's own wildcard. */
  private static String replaceRest(String neutral, String rest) {
    return neutral.endsWith("**") ? neutral.substring(0, neutral.length() - 2) + rest : neutral;
  }

  /**
   * Returns whether a topic of RabbitMQ matches a name or pattern. {@code *} is one word, and
   * {@code #} at the end any number of words.
   */
  static boolean matches(String pattern, String name) {
    String[] wanted = pattern.split("\\.", -1);
    String[] given = name.split("\\.", -1);
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i].equals("#")) {
        return true;
      }
      if (i >= given.length || !(wanted[i].equals("*") || wanted[i].equals(given[i]))) {
        return false;
      }
    }
    return wanted.length == given.length;
  }
}
