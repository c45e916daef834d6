package io.longspan.config;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Reads the keys that system properties and environment variables set. */
final class Overrides {

  private final KeyNames names;

  Overrides(KeyNames names) {
    this.names = names;
  }

  /**
   * Returns the values of all properties named {@code longspan.<key>}, by key.
   *
   * @throws ConfigException if the rest of such a name is not a key
   */
  Map<String, RawValue> fromSystemProperties(Map<String, String> properties) {
    Map<String, RawValue> values = new LinkedHashMap<>();
    new TreeMap<>(properties)
        .forEach(
            (name, value) -> {
              if (name.startsWith(Setting.SYSTEM_PROPERTY_PREFIX)
                  && !name.equals(ConfigFile.SYSTEM_PROPERTY)) {
                String key = name.substring(Setting.SYSTEM_PROPERTY_PREFIX.length());
                Origin origin = Origin.systemProperty(name);
                if (names.setting(key).isEmpty()) {
                  throw names.unknown(key, value, origin);
                }
                values.put(key, new RawValue.Scalar(value, origin));
              }
            });
    return values;
  }

  /**
   * Returns the values of all variables named {@code LONGSPAN_<KEY>}, by key.
   *
   * @param brokers the names of the further brokers that the file or system properties configure
   * @throws ConfigException if the rest of such a name is not a key, or if two variables set the
   *     same key
   */
  Map<String, RawValue> fromEnvironment(Map<String, String> environment, Set<String> brokers) {
    Map<String, String> keys = keysByVariable(brokers);
    Map<String, RawValue> values = new LinkedHashMap<>();
    new TreeMap<>(environment)
        .forEach(
            (name, value) -> {
              if (name.startsWith(Setting.ENVIRONMENT_PREFIX)
                  && !name.equals(ConfigFile.ENVIRONMENT_VARIABLE)) {
                Origin origin = Origin.environment(name);
                String key = keys.get(name);
                if (key == null) {
                  throw names.unknown(asKey(name), value, origin);
                }
                RawValue before = values.put(key, new RawValue.Scalar(value, origin));
                if (before != null) {
                  throw ConfigException.refused(
                      key, "(a second value)", "one of its variables, not both", origin);
                }
              }
            });
    return values;
  }

  private Map<String, String> keysByVariable(Set<String> brokers) {
    Map<String, String> keys = new LinkedHashMap<>();
    for (Setting<?> setting : names.settings()) {
      setting.environmentNames().forEach(variable -> keys.put(variable, setting.key()));
      if (setting.key().startsWith("broker.")) {
        brokers.stream()
            .map(broker -> FurtherBrokers.key(broker, setting.key()))
            .forEach(
                key -> Setting.environmentNames(key).forEach(variable -> keys.put(variable, key)));
      }
    }
    return keys;
  }

  private static String asKey(String variable) {
    return variable
        .substring(Setting.ENVIRONMENT_PREFIX.length())
        .toLowerCase(Locale.ROOT)
        .replace('_', '.');
  }
}
