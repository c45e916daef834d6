package io.longspan.config;

import java.util.Map;
import java.util.Optional;

/** The configured values, converted to their types. A key without a value has its default. */
final class Values {

  private final Map<String, RawValue> raw;

  Values(Map<String, RawValue> raw) {
    this.raw = Map.copyOf(raw);
  }

  /**
   * Returns the configured value, or else the default.
   *
   * @throws ConfigException if the configured value is not allowed
   * @throws IllegalStateException if the key has neither a value nor a default
   */
  <T> T get(Setting<T> setting) {
    return find(setting).orElseThrow(() -> new IllegalStateException(setting.key()));
  }

  /**
   * Returns the configured value, or else the default; empty if there is neither.
   *
   * @throws ConfigException if the configured value is not allowed
   */
  <T> Optional<T> find(Setting<T> setting) {
    return given(setting)
        .or(() -> setting.defaultText().map(this::byDefault))
        .map(value -> read(setting, value));
  }

  boolean isGiven(Setting<?> setting) {
    return raw.containsKey(setting.key());
  }

  Origin origin(Setting<?> setting) {
    return given(setting).map(RawValue::origin).orElse(Origin.DEFAULT);
  }

  /**
   * Returns the exception for a value that does not fit.
   *
   * @param allowed a description of the values that would fit
   */
  ConfigException refused(Setting<?> setting, String allowed) {
    String value = given(setting).map(RawValue::text).or(setting::defaultText).orElse("");
    return ConfigException.refused(setting.key(), setting.shown(value), allowed, origin(setting));
  }

  private Optional<RawValue> given(Setting<?> setting) {
    return Optional.ofNullable(raw.get(setting.key()));
  }

  private RawValue byDefault(String text) {
    return new RawValue.Scalar(text, Origin.DEFAULT);
  }

  private <T> T read(Setting<T> setting, RawValue value) {
    try {
      return setting.type().read(value);
    } catch (IllegalArgumentException | ArithmeticException notAllowed) {
      throw refused(setting, setting.type().allowed());
    }
  }
}
