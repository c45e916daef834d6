package io.longspan.protocol;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Decides which properties of a client's message are removed, and which names are invalid (protocol
 * section 3).
 *
 * <p>Names are compared as the most lenient service would compare them: case, accents, and
 * compatibility forms of a letter are ignored. So {@code ｒunAsUser} and {@code runAsUſer} count as
 * {@code runAsUser}.
 */
public final class PropertyRules {
  private static final Set<String> BRIDGE_ONLY =
      Set.of(
          "runasuser",
          "jmsxuserid",
          "jmsreplyto",
          "bridgeid",
          "bridgeclientid",
          "bridgesignature",
          "bodyformat");

  /**
   * Names that control a provider, a tool of its broker, or an integration framework behind it.
   * They belong to ActiveMQ's scheduler and redelivery, Artemis and its predecessor HornetQ, the
   * AMQP mappings, Camel, Spring Integration and Mule.
   */
  private static final Pattern STEERING =
      Pattern.compile(
          "(?:jms|_*amq|_*hq_|_*hornetq|native_|camel|org_dot_apache|mule_).*"
              + "|scheduledjobid|redeliverydelay|originaldeliverymode|replychannel|errorchannel",
          Pattern.DOTALL);

  /** Reserved words of the selector language, which JMS does not allow as property names. */
  private static final Set<String> SELECTOR_WORDS =
      Set.of("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE");

  private static final Pattern MARKS = Pattern.compile("\\p{M}");

  private PropertyRules() {}

  /** Returns whether a lenient service would take two names for the same property. */
  public static boolean isSameName(String name, String other) {
    return fold(name).equals(fold(other));
  }

  /**
   * Returns why a catalogue entry cannot set a property; empty if it can. The reason completes a
   * sentence that begins with the name.
   */
  public static Optional<String> problemInEntry(String name) {
    if (!isPropertyName(name)) {
      return Optional.of("is not a name of a JMS property");
    }
    String folded = fold(name);
    if (BRIDGE_ONLY.contains(folded)) {
      return Optional.of("is set by the bridge");
    }
    if (folded.startsWith("jms") && !folded.startsWith("jms_")) {
      return Optional.of("is a name that JMS keeps for itself");
    }
    return Optional.empty();
  }

  static boolean onlyBridgeMaySet(String name) {
    String folded = fold(name);
    return BRIDGE_ONLY.contains(folded) || STEERING.matcher(folded).matches();
  }

  /**
   * Folds to upper case and then to lower case, because lower case alone leaves some letters: the
   * dotless i stays itself.
   */
  private static String fold(String name) {
    String plain = MARKS.matcher(Normalizer.normalize(name, Normalizer.Form.NFKD)).replaceAll("");
    String folded = plain.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    return MARKS.matcher(Normalizer.normalize(folded, Normalizer.Form.NFKD)).replaceAll("");
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
