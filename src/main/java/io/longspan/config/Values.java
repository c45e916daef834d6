package io.longspan.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The configured values, converted to their types. A key without a value has its default.
 *
 * <p>The values of a further broker are read by the settings of {@code broker}: each key has
 * another name then.
 */
final class Values {

  private final Map<String, RawValue> raw;

  /** Renames the key of a setting. */
  private final UnaryOperator<String> keys;

  /** Renames the keys in a text. */
  private final UnaryOperator<String> texts;

  Values(Map<String, RawValue> raw) {
    this(new LinkedHashMap<>(raw), UnaryOperator.identity(), UnaryOperator.identity());
  }

  private Values(
      Map<String, RawValue> raw, UnaryOperator<String> keys, UnaryOperator<String> texts) {
    this.raw = raw;
    this.keys = keys;
    this.texts = texts;
  }

  /** Returns the values of a further broker, to be read by the settings of {@code broker}. */
  Values ofBroker(String name) {
    return new Values(
        raw, key -> FurtherBrokers.key(name, key), text -> FurtherBrokers.inText(name, text));
  }

  private String key(Setting<?> setting) {
    return keys.apply(setting.key());
  }

  /** Returns the names of the further brokers, in the order in which they are configured. */
  Set<String> furtherBrokers() {
    return FurtherBrokers.names(raw.keySet());
  }

  /**
   * Returns the configured value, or else the default.
   *
   * @throws ConfigException if the configured value is not allowed
   * @throws IllegalStateException if the key has neither a value nor a default
   */
  <T> T get(Setting<T> setting) {
    return find(setting).orElseThrow(() -> new IllegalStateException(key(setting)));
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
    return raw.containsKey(key(setting));
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
    return ConfigException.refused(
        key(setting), setting.shown(value), texts.apply(allowed), origin(setting));
  }

  /**
   * Returns the exception for a key that has no value, but needs one.
   *
   * @param reason the setting because of which it needs one
   */
  ConfigException missing(Setting<?> setting, String allowed, Setting<?> reason) {
    return ConfigException.missing(key(setting), texts.apply(allowed), key(reason), origin(reason));
  }

  private Optional<RawValue> given(Setting<?> setting) {
    return Optional.ofNullable(raw.get(key(setting)));
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
