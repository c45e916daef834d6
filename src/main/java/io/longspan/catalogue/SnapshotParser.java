package io.longspan.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.TopicPolicy.Snapshot;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Parses {@code snapshot} and {@code snapshotShared} of a catalogue entry. Stateless. */
final class SnapshotParser {
  /** The keys of an entry that this class parses. */
  static final List<String> KEYS = List.of("snapshot", "snapshotShared");

  private SnapshotParser() {}

  /**
   * Parses the service that gives the state of a topic.
   *
   * @param place the entry, for error messages
   * @param node the entry
   * @param kind the kind of the entry's destinations
   * @param broker the name of the entry's broker
   * @param require returns a usable name of a queue or local service, or throws {@code
   *     IllegalArgumentException}
   * @throws IllegalArgumentException if a value is invalid; the message is one line with the place
   */
  static Optional<Snapshot> parse(
      String place, JsonNode node, Kind kind, String broker, UnaryOperator<String> require) {
    JsonNode shared = node.path("snapshotShared");
    if (!shared.isMissingNode() && !shared.isBoolean()) {
      throw new IllegalArgumentException(place + ".snapshotShared: must be true or false");
    }
    if (!node.has("snapshot")) {
      if (!shared.isMissingNode()) {
        throw new IllegalArgumentException(place + ".snapshotShared: requires snapshot");
      }
      return Optional.empty();
    }
    if (kind != Kind.TOPIC) {
      throw new IllegalArgumentException(place + ".snapshot: only a topic has a snapshot");
    }
    String service =
        CatalogueParser.at(
            place + ".snapshot",
            CatalogueParser.required(place, node, "snapshot"),
            text -> require.apply(requireName(text)));
    return Optional.of(
        new Snapshot(
            new BrokerDestination(Kind.QUEUE, service, false, broker), shared.asBoolean()));
  }

  /** Signatures of questions contain the name, so it must be a logical name. */
  private static String requireName(String text) {
    try {
      return DestinationName.parse(text).value();
    } catch (BridgeException invalid) {
      throw new IllegalArgumentException("'" + text + "' is not a valid queue name", invalid);
    }
  }
}
