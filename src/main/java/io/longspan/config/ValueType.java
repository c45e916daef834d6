package io.longspan.config;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The type of a key: converts the text of a value.
 *
 * @param <T> the Java type of the value
 */
sealed interface ValueType<T> {

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

  /**
   * A value that is one text.
   *
   * @param reader converts the text; throws {@link IllegalArgumentException} if the text is not
   *     allowed
   */
  record Text<T>(String allowed, Function<String, T> reader) implements ValueType<T> {

    @Override
    public T read(RawValue raw) {
      if (raw instanceof RawValue.Scalar scalar) {
        return reader.apply(scalar.text());
      }
      throw new IllegalArgumentException("not one value");
    }
  }

  /**
   * A list, written as a YAML list, or as one text with commas.
   *
   * @param reader converts one item; throws {@link IllegalArgumentException} if the item is not
   *     allowed
   * @param <T> the type of an item
   */
  record ListOf<T>(String allowed, Function<String, T> reader) implements ValueType<List<T>> {

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

  /**
   * A map from names to texts, written as a YAML mapping, or as one text {@code
   * name=value,name=value}.
   */
  record MapOfTexts(String allowed) implements ValueType<Map<String, String>> {

    @Override
    public Map<String, String> read(RawValue raw) {
      Map<String, String> read = new LinkedHashMap<>();
      if (raw instanceof RawValue.Mapping mapping) {
        mapping.entries().forEach((name, value) -> read.put(name, value.text()));
      } else if (raw instanceof RawValue.Scalar scalar && !scalar.text().isBlank()) {
        for (String pair : scalar.text().split(",", -1)) {
          int equals = pair.indexOf('=');
          if (equals < 1
              || read.put(pair.substring(0, equals).strip(), pair.substring(equals + 1)) != null) {
            throw new IllegalArgumentException("not name=value");
          }
        }
      } else if (raw instanceof RawValue.Sequence) {
        throw new IllegalArgumentException("not a mapping");
      }
      return read;
    }
  }
}
