package io.longspan.config;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * One key of the configuration.
 *
 * @param key sections and name joined by dots, such as {@code session.maxInterval}
 * @param type what is allowed
 * @param defaultText the default as it would be written; empty where the key has none
 * @param secret whether its value must never be shown
 * @param <T> what the value is read as
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

  /** The environment variables that set it: the words of a name joined, or apart. */
  Set<String> environmentNames() {
    String joined = key.replace('.', '_');
    String apart = joined.replaceAll("([a-z0-9])([A-Z])", "$1_$2");
    String first = ENVIRONMENT_PREFIX + joined.toUpperCase(Locale.ROOT);
    String second = ENVIRONMENT_PREFIX + apart.toUpperCase(Locale.ROOT);
    return first.equals(second) ? Set.of(first) : Set.of(first, second);
  }

  /** A value as it may be shown. */
  String shown(String value) {
    return secret ? Secrets.HIDDEN : Secrets.masked(value);
  }
}
