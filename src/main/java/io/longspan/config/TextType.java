package io.longspan.config;

import java.util.function.Function;

/**
 * A value that is one text.
 *
 * @param allowed what is allowed
 * @param reader reads the text; throws {@link IllegalArgumentException} if it is not allowed
 * @param <T> what the text is read as
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
