package io.longspan.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.catalogue.BrokerDestination.Kind;

/** Parses {@code presence} of a catalogue entry (protocol section 18). Stateless. */
final class PresenceParser {
  /** The key of an entry that this class parses. */
  static final String KEY = "presence";

  private PresenceParser() {}

  /**
   * Returns whether presence is on.
   *
   * @param place the key, for error messages
   * @param node a boolean or the roles of those who may see presence; missing: it is off
   * @throws IllegalArgumentException if the value is invalid; the message is one line with the
   *     place
   */
  static boolean isOn(String place, JsonNode node, Kind kind) {
    if (node.isMissingNode()) {
      return false;
    }
    if (!node.isBoolean() && !node.isArray()) {
      throw new IllegalArgumentException(place + ": must be true, false or a list of roles");
    }
    if (kind != Kind.TOPIC) {
      throw new IllegalArgumentException(place + ": only a topic has subscribers");
    }
    return node.isArray() || node.asBoolean();
  }
}
