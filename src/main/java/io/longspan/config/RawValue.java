package io.longspan.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The text of a value before its conversion to the type of its key. */
sealed interface RawValue {

  /** Returns the place where the value was read. */
  Origin origin();

  /** Returns the value as one text for an error message. A mapping shows its names only. */
  String text();

  /** One text. An override is always a scalar, whatever the type of its key is. */
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

  /** Texts by name, in the order of the file. */
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
