package io.longspan.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/** Parses what a catalogue entry says about itself (protocol section 18). Stateless. */
final class EntryDescriptionParser {
  /** The keys of an entry that this class parses. */
  static final List<String> KEYS = List.of("title", "schema");

  private static final int MAX_TITLE = 200;

  /** Maximum size of a schema, in characters of JSON. */
  private static final int MAX_SCHEMA = 64 * 1024;

  private EntryDescriptionParser() {}

  /**
   * Parses the description of an entry.
   *
   * @param place the entry, for error messages
   * @param node the entry
   * @throws IllegalArgumentException if a value is invalid; the message is one line with the place
   */
  static EntryDescription parse(String place, JsonNode node) {
    return new EntryDescription(
        title(place + ".title", node.path("title")),
        schema(place + ".schema", node.path("schema")));
  }

  private static Optional<String> title(String place, JsonNode node) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    if (!node.isTextual() || node.asText().isBlank() || node.asText().length() > MAX_TITLE) {
      throw new IllegalArgumentException(
          "%s: must be a text of 1 to %d characters".formatted(place, MAX_TITLE));
    }
    return Optional.of(node.asText());
  }

  private static Optional<JsonNode> schema(String place, JsonNode node) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    if (!node.isObject()) {
      throw new IllegalArgumentException(
          place + ": must be a JSON Schema, written as a mapping in this file");
    }
    if (node.toString().length() > MAX_SCHEMA) {
      throw new IllegalArgumentException(
          "%s: must have at most %d characters as JSON".formatted(place, MAX_SCHEMA));
    }
    return Optional.of(node);
  }
}
