package io.longspan.config;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The keys of the section {@code brokers}. Each broker there has a name and the keys of {@code
 * broker}: {@code brokers.plant.url} is for the broker {@code plant} what {@code broker.url} is for
 * the default broker.
 */
final class FurtherBrokers {
  static final String SECTION = "brokers";

  static final String ALLOWED_NAMES =
      "names of 1 to 32 characters of a-z A-Z 0-9 - _, with a letter first, except default and local";

  private static final String NAME = "(?!(?:default|local)(?:\\.|$))[A-Za-z][A-Za-z0-9_-]{0,31}";
  private static final Pattern KEY = Pattern.compile("brokers\\.(" + NAME + ")(?:\\.(.+))?");

  private static final Pattern DEFAULT_KEY =
      Pattern.compile(
          "\\bbroker(?=\\.(?:"
              + Settings.all().stream()
                  .map(Setting::key)
                  .filter(key -> key.startsWith("broker."))
                  .map(key -> key.split("\\.")[1])
                  .distinct()
                  .collect(Collectors.joining("|"))
              + ")\\b)");

  private FurtherBrokers() {}

  /** Returns the key of a further broker for a key of {@code broker}. */
  static String key(String name, String key) {
    return SECTION + '.' + name + key.substring("broker".length());
  }

  /**
   * Returns a text in which the keys of {@code broker} are replaced by those of a further broker.
   */
  static String inText(String name, String text) {
    return DEFAULT_KEY.matcher(text).replaceAll(SECTION + '.' + name);
  }

  /** Returns the key or section of {@code broker} for one of a further broker, if it is one. */
  static Optional<String> asDefault(String key) {
    Matcher matcher = KEY.matcher(key);
    return matcher.matches()
        ? Optional.of(matcher.group(2) == null ? "broker" : "broker." + matcher.group(2))
        : Optional.empty();
  }

  /** Returns the names of the brokers that some of these keys belong to. */
  static Set<String> names(Collection<String> keys) {
    Set<String> names = new LinkedHashSet<>();
    for (String key : keys) {
      Matcher matcher = KEY.matcher(key);
      if (matcher.matches()) {
        names.add(matcher.group(1));
      }
    }
    return names;
  }
}
