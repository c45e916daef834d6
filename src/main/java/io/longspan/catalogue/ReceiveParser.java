package io.longspan.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.CatalogueEntry.Access;
import io.longspan.config.Quantity;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Parses the keys of a catalogue entry about deliveries (protocol sections 15 and 16). */
final class ReceiveParser {
  /** Who may consume the queue. */
  static final String RECEIVE = "receive";

  private static final String ACK_TIMEOUT = "ackTimeout";

  /** Whether a topic can have durable subscriptions. */
  private static final String DURABLE = "durable";

  /** The keys of an entry that this class parses. */
  static final List<String> KEYS =
      List.of(RECEIVE, ACK_TIMEOUT, "deadLetter", "maxConsumers", DURABLE);

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
    if (isDurable(place, node, kind, form, broker)) {
      requireOnlyTimeout(place, node);
      return ReceivePolicy.durable(ackTimeout(place, node));
    }
    if (!node.has(RECEIVE)) {
      if (KEYS.stream().allMatch(key -> key.equals(DURABLE) || !node.has(key))) {
        return ReceivePolicy.NOBODY;
      }
      String key =
          KEYS.stream().filter(k -> !k.equals(DURABLE) && node.has(k)).findFirst().orElseThrow();
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
        ackTimeout(place, node),
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

  private static boolean isDurable(
      String place, JsonNode node, Kind kind, MessageForm form, EntryBroker broker) {
    JsonNode given = node.path(DURABLE);
    if (!given.isMissingNode() && !given.isBoolean()) {
      throw new IllegalArgumentException(place + ".durable: must be true or false");
    }
    if (!given.asBoolean()) {
      return false;
    }
    if (kind != Kind.TOPIC || form.isCommlib()) {
      throw new IllegalArgumentException(
          place + ".durable: requires a topic with messages in the form of JMS");
    }
    if (broker.jndi()) {
      throw new IllegalArgumentException(
          place
              + ".durable: not possible with broker.provider jndi, which cannot acknowledge"
              + " single messages");
    }
    return true;
  }

  private static void requireOnlyTimeout(String place, JsonNode node) {
    for (String key : KEYS) {
      if (!key.equals(DURABLE) && !key.equals(ACK_TIMEOUT) && node.has(key)) {
        throw new IllegalArgumentException(place + "." + key + ": requires a queue");
      }
    }
  }

  private static Duration ackTimeout(String place, JsonNode node) {
    return node.has(ACK_TIMEOUT)
        ? CatalogueParser.at(
            place + ".ackTimeout", node.path(ACK_TIMEOUT).asText(), ReceiveParser::timeout)
        : ReceivePolicy.NOBODY.ackTimeout();
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
