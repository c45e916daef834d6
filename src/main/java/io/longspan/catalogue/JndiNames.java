package io.longspan.catalogue;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Names of administered destinations, for example {@code jndi:jms/Orders}. Only the operator can
 * write such a name, in the key {@code jms} of a catalogue entry.
 */
public final class JndiNames {
  private static final String PREFIX = "jndi:";
  private static final Pattern NAME = Pattern.compile("[^\\p{Cntrl}\\s{}]+");

  private JndiNames() {}

  /** Returns whether a text is the name of an administered destination, or pretends to be. */
  public static boolean isJndi(String text) {
    return text.length() >= PREFIX.length()
        && text.substring(0, PREFIX.length()).toLowerCase(Locale.ROOT).equals(PREFIX);
  }

  /** Returns the name for JNDI itself. */
  public static String lookupName(String text) {
    return text.substring(PREFIX.length());
  }

  /**
   * Checks the key {@code jms} of an entry.
   *
   * @param name the logical names of the entry
   * @throws IllegalArgumentException if the name is invalid; the message is one sentence
   */
  static String require(String text, NameTemplate name) {
    if (!text.startsWith(PREFIX) || !NAME.matcher(lookupName(text)).matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' must be jndi: and a JNDI name without spaces and variables");
    }
    if (!name.variables().isEmpty()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is one destination, so the name of the entry must not contain variables such as {"
              + name.variables().get(0)
              + "}");
    }
    return text;
  }
}
