package io.longspan.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/**
 * What a catalogue entry says about itself to clients (protocol section 18).
 *
 * @param title a text for people
 * @param schema JSON Schema of the bodies; must not be modified
 */
record EntryDescription(Optional<String> title, Optional<JsonNode> schema) {
  /** Description of an entry without {@code title} and {@code schema}. */
  static final EntryDescription NONE = new EntryDescription(Optional.empty(), Optional.empty());
}
