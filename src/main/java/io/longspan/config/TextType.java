package io.longspan.config;

import java.util.function.Function;

/**
 * The type of a value that is one text.
 *
 * @param allowed a description of the allowed values
 * @param reader converts the text; throws {@link IllegalArgumentException} if the text is not
 *     allowed
 * @param <T> the Java type of the value
 */
record TextType<T>(String allowed, Function<String, T> reader) implements ValueType<T> {

  @Override
  public T read(RawValue raw) {
    if (raw instanceof RawValue.Scalar scalar) {
      return reader.apply(scalar.text());
    }
    throw new IllegalArgumentException("not one value");
  }
}
