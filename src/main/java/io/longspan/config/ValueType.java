package io.longspan.config;

/**
 * How the text of a value is read.
 *
 * @param <T> what it is read as
 */
interface ValueType<T> {

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException if it is not one of those allowed; its message is not used
   */
  T read(RawValue raw);

  /** What is allowed, with type, unit and range, to complete the sentence "allowed: …". */
  String allowed();
}
