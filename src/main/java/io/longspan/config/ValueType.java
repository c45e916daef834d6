package io.longspan.config;

/**
 * The type of a key: converts the text of a value.
 *
 * @param <T> the Java type of the value
 */
interface ValueType<T> {

  /**
   * Converts a value.
   *
   * @throws IllegalArgumentException if the value is not allowed; its message is not shown
   */
  T read(RawValue raw);

  /**
   * Returns a description of the allowed values, with type, unit and range. It completes the
   * sentence "allowed: …".
   */
  String allowed();
}
