package io.longspan.config;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The type of a map from names to texts. A map is written as a YAML mapping, or as one text {@code
 * name=value,name=value}.
 *
 * @param allowed a description of the allowed values
 */
record MapType(String allowed) implements ValueType<Map<String, String>> {

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
