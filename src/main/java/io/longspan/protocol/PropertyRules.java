package io.longspan.protocol;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which property names of a client are removed and which are no names at all (protocol section 3).
 *
 * <p>Names are compared without regard to case, so that no service which reads them leniently can
 * be misled.
 */
final class PropertyRules {
  private static final Set<String> BRIDGE_ONLY =
      Set.of(
          "runasuser",
          "jmsxuserid",
          "jmsreplyto",
          "bridgeid",
          "bridgeclientid",
          "bridgesignature",
          "bodyformat");

  /** Prefixes by which a provider, or an integration framework behind it, is steered. */
  private static final Pattern STEERING =
      Pattern.compile("(?:jms|_*amq|cameljms).*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** Words of the selector language: JMS does not allow them as property names. */
  private static final Set<String> SELECTOR_WORDS =
      Set.of("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE");

  private PropertyRules() {}

  static boolean onlyBridgeMaySet(String name) {
    return BRIDGE_ONLY.contains(name.toLowerCase(Locale.ROOT)) || STEERING.matcher(name).matches();
  }

  static boolean isPropertyName(String name) {
    return !name.isEmpty()
        && name.length() <= 255
        && Character.isJavaIdentifierStart(name.codePointAt(0))
        && name.codePoints().allMatch(PropertyRules::isNamePart)
        && !SELECTOR_WORDS.contains(name.toUpperCase(Locale.ROOT));
  }

  private static boolean isNamePart(int codePoint) {
    return Character.isJavaIdentifierPart(codePoint) && !Character.isIdentifierIgnorable(codePoint);
  }
}
