package io.longspan.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The text of a value, not yet read as its type. */
sealed interface RawValue {

  /** Where it was read. */
  Origin origin();

  /** The value as one text, for an error line. */
  String text();

  /** One text. An override is always one, whatever the key's type. */
  record Scalar(String text, Origin origin) implements RawValue {}

  /** A list of texts. */
  record Sequence(List<Scalar> items, Origin origin) implements RawValue {

    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String text() {
      return items.stream().map(Scalar::text).collect(Collectors.joining(", ", "[", "]"));
    }
  }

  /** Names and texts, in the order written. */
  record Mapping(Map<String, Scalar> entries, Origin origin) implements RawValue {

    public Mapping {
      entries = new LinkedHashMap<>(entries);
    }

    @Override
    public String text() {
      return entries.keySet().stream().collect(Collectors.joining(", ", "{", "}"));
    }
  }
}
