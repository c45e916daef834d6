package io.longspan.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.CatalogueEntry.Access;
import io.longspan.config.Quantity;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Parses the keys of a catalogue entry that concern consumption (protocol section 15). */
final class ReceiveParser {
  /** Who may consume the queue. */
  static final String RECEIVE = "receive";

  /** The keys of an entry that this class parses. */
  static final List<String> KEYS = List.of(RECEIVE, "ackTimeout", "deadLetter", "maxConsumers");

  private static final Duration MIN_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration MAX_TIMEOUT = Duration.ofHours(24);

  private ReceiveParser() {}

  /** Returns whether an entry has a key that concerns consumption. */
  static boolean isGiven(JsonNode node) {
    return KEYS.stream().anyMatch(node::has);
  }

  /**
   * Parses the keys of one entry.
   *
   * @param place the entry, for error messages
   * @param access who may consume
   * @throws IllegalArgumentException if a value is invalid; the message is one line with the place
   */
  static ReceivePolicy parse(
      String place, JsonNode node, Kind kind, Access access, MessageForm form, EntryBroker broker) {
    if (!isGiven(node)) {
      return ReceivePolicy.NOBODY;
    }
    if (!node.has(RECEIVE)) {
      String key = KEYS.stream().filter(node::has).findFirst().orElseThrow();
      throw new IllegalArgumentException(place + "." + key + ": requires receive");
    }
    if (kind != Kind.QUEUE || form.isCommlib()) {
      throw new IllegalArgumentException(place + ".receive: requires a queue");
    }
    if (broker.jndi()) {
      throw new IllegalArgumentException(
          place
              + ".receive: not possible with broker.provider jndi, which cannot acknowledge"
              + " single messages");
    }
    JsonNode max = node.path("maxConsumers");
    if (max.isObject()) {
      CatalogueParser.requireKeys(place + ".maxConsumers", max, List.of("total", "user"));
    }
    return new ReceivePolicy(
        access,
        node.has("ackTimeout")
            ? CatalogueParser.at(
                place + ".ackTimeout", node.path("ackTimeout").asText(), ReceiveParser::timeout)
            : ReceivePolicy.NOBODY.ackTimeout(),
        node.has("deadLetter")
            ? Optional.of(
                CatalogueParser.at(
                    place + ".deadLetter",
                    CatalogueParser.required(place, node, "deadLetter"),
                    name -> queue(name, broker)))
            : Optional.empty(),
        number(place + ".maxConsumers", max.isObject() ? max.path("total") : max),
        number(place + ".maxConsumers.user", max.path("user")));
  }

  private static Duration timeout(String text) {
    Duration timeout = Quantity.duration(text);
    if (timeout.compareTo(MIN_TIMEOUT) < 0 || timeout.compareTo(MAX_TIMEOUT) > 0) {
      throw new IllegalArgumentException("'" + text + "' is not between 1s and 24h");
    }
    return timeout;
  }

  private static BrokerDestination queue(String name, EntryBroker broker) {
    broker.replyPrefix().requireOutside(name);
    if (!broker.rules().isSafe(Kind.QUEUE, name)) {
      throw new IllegalArgumentException("'" + name + "' is not a valid queue name");
    }
    return new BrokerDestination(Kind.QUEUE, name, false, broker.name());
  }

  private static int number(String place, JsonNode node) {
    if (node.isMissingNode()) {
      return Integer.MAX_VALUE;
    }
    if (!node.canConvertToInt() || !node.isIntegralNumber() || node.asInt() < 1) {
      throw new IllegalArgumentException(place + ": must be a whole number from 1");
    }
    return node.asInt();
  }
}
