package io.longspan.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** Parses {@code schemaCheck} of a catalogue entry. Stateless. */
final class SchemaCheckParser {
  /** The key of an entry that this class parses. */
  static final String KEY = "schemaCheck";

  private SchemaCheckParser() {}

  /**
   * Returns the schema that messages of clients must fit; empty if they are not checked.
   *
   * @param place the entry, for error messages
   * @param node the entry
   * @param schema the schema of the entry, if it has one
   * @throws IllegalArgumentException if a value is invalid; the message is one line with the place
   */
  static Optional<BodySchema> parse(String place, JsonNode node, Optional<JsonNode> schema) {
    JsonNode given = node.path(KEY);
    if (!given.isMissingNode() && schema.isEmpty()) {
      throw new IllegalArgumentException(place + "." + KEY + ": requires schema");
    }
    String check = given.isMissingNode() ? "refuse" : given.asText();
    return switch (check) {
      case "off" -> Optional.empty();
      case "warn" -> compile(place, schema, BodySchema.Check.WARN);
      case "refuse" -> compile(place, schema, BodySchema.Check.REFUSE);
      default ->
          throw new IllegalArgumentException(
              "%s.%s: '%s' is not warn, refuse or off".formatted(place, KEY, check));
    };
  }

  private static Optional<BodySchema> compile(
      String place, Optional<JsonNode> schema, BodySchema.Check check) {
    try {
      return schema.map(source -> BodySchema.compile(source, check));
    } catch (IllegalArgumentException x) {
      throw new IllegalArgumentException(place + ".schema: " + x.getMessage(), x);
    }
  }
}
