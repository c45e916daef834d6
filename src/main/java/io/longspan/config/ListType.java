package io.longspan.config;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The type of a list. A list is written as a YAML list, or as one text with commas.
 *
 * @param allowed a description of the allowed values
 * @param reader converts one item; throws {@link IllegalArgumentException} if the item is not
 *     allowed
 * @param <T> the type of an item
 */
record ListType<T>(String allowed, Function<String, T> reader) implements ValueType<List<T>> {

  @Override
  public List<T> read(RawValue raw) {
    return items(raw).map(reader).toList();
  }

  private static Stream<String> items(RawValue raw) {
    if (raw instanceof RawValue.Sequence sequence) {
      return sequence.items().stream().map(RawValue.Scalar::text);
    }
    if (raw instanceof RawValue.Scalar scalar) {
      return scalar.text().isBlank()
          ? Stream.empty()
          : Arrays.stream(scalar.text().split(",", -1)).map(String::strip);
    }
    throw new IllegalArgumentException("not a list");
  }
}
