package io.longspan.config;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * One key of the configuration.
 *
 * @param key the section and the name joined by dots, for example {@code session.maxInterval}
 * @param type the type of the value
 * @param defaultText the default, as an operator would write it; empty if there is none
 * @param secret whether the value must never be shown
 * @param <T> the Java type of the value
 */
record Setting<T>(String key, ValueType<T> type, Optional<String> defaultText, boolean secret) {

  static final String SYSTEM_PROPERTY_PREFIX = "longspan.";
  static final String ENVIRONMENT_PREFIX = "LONGSPAN_";

  static <T> Setting<T> of(String key, ValueType<T> type, String defaultText) {
    return new Setting<>(key, type, Optional.of(defaultText), false);
  }

  static <T> Setting<T> optional(String key, ValueType<T> type) {
    return new Setting<>(key, type, Optional.empty(), false);
  }

  static <T> Setting<T> secret(String key, ValueType<T> type) {
    return new Setting<>(key, type, Optional.empty(), true);
  }

  String systemProperty() {
    return SYSTEM_PROPERTY_PREFIX + key;
  }

  /**
   * Returns the environment variables that set the key: with the words of a name joined, or
   * separated by underscores.
   */
  Set<String> environmentNames() {
    return environmentNames(key);
  }

  static Set<String> environmentNames(String key) {
    String joined = key.replaceAll("[.-]", "_");
    String apart = joined.replaceAll("([a-z0-9])([A-Z])", "$1_$2");
    String first = ENVIRONMENT_PREFIX + joined.toUpperCase(Locale.ROOT);
    String second = ENVIRONMENT_PREFIX + apart.toUpperCase(Locale.ROOT);
    return first.equals(second) ? Set.of(first) : Set.of(first, second);
  }

  /**
   * Returns the value for an error message: hidden if it is a secret, else without URL credentials.
   */
  String shown(String value) {
    return secret ? Secrets.HIDDEN : Secrets.masked(value);
  }
}
