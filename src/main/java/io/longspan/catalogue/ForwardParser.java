package io.longspan.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.catalogue.BrokerDestination.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** Parses the section {@code forward} of a catalogue file. Stateless. */
final class ForwardParser {
  private static final List<String> KEYS = List.of("from", "to", "queue", "topic", "as", "answers");

  private final CatalogueBrokers brokers;

  ForwardParser(CatalogueBrokers brokers) {
    this.brokers = brokers;
  }

  /**
   * Parses the section.
   *
   * @param list the section; missing for none
   * @throws IllegalArgumentException if it is invalid; one line with the place
   */
  List<Forward> parse(JsonNode list) {
    if (list.isMissingNode()) {
      return List.of();
    }
    if (!list.isArray()) {
      throw new IllegalArgumentException("forward: must be a list of entries");
    }
    List<Forward> forwards = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      forwards.add(entry("forward[" + i + "]", list.get(i)));
    }
    if (new HashSet<>(forwards).size() < forwards.size()) {
      throw new IllegalArgumentException("forward: two entries are the same");
    }
    return forwards;
  }

  private Forward entry(String place, JsonNode node) {
    CatalogueParser.requireKeys(place, node, KEYS);
    EntryBroker from = broker(place + ".from", node.path("from"));
    EntryBroker to = broker(place + ".to", node.path("to"));
    if (from.name().equals(to.name())) {
      throw new IllegalArgumentException(place + ": from and to must be different brokers");
    }
    if (node.has("queue") == node.has("topic")) {
      throw new IllegalArgumentException(place + ": must have a queue or a topic, and not both");
    }
    Kind kind = node.has("queue") ? Kind.QUEUE : Kind.TOPIC;
    String key = node.has("queue") ? "queue" : "topic";
    String source = CatalogueParser.required(place, node, key);
    String as = node.has("as") ? CatalogueParser.required(place, node, "as") : source;
    boolean pattern = isPattern(source);
    if (pattern && kind == Kind.QUEUE) {
      throw new IllegalArgumentException(place + ".queue: must be the name of one queue");
    }
    if (pattern != isPattern(as)) {
      throw new IllegalArgumentException(
          "%s.as: must %s with **, as the topic does"
              .formatted(place, pattern ? "end" : "not end"));
    }
    requireUsable(place + "." + key, kind, source, from);
    requireUsable(place + ".as", kind, as, to);
    return new Forward(
        new BrokerDestination(kind, source, pattern, from.name()),
        to.name(),
        as,
        answers(place + ".answers", node.path("answers"), kind));
  }

  private EntryBroker broker(String place, JsonNode node) {
    EntryBroker broker =
        node.isMissingNode()
            ? brokers.main()
            : CatalogueParser.at(place, node.asText(), brokers::named);
    if (!broker.exists()) {
      throw new IllegalArgumentException(
          place + ": must name a broker of the section brokers, because broker.provider is none");
    }
    return broker;
  }

  private static boolean isPattern(String name) {
    return name.endsWith(Forward.REST);
  }

  private static void requireUsable(String place, Kind kind, String name, EntryBroker broker) {
    String separator = broker.rules().separator(kind);
    String sample = name;
    if (isPattern(name)) {
      String prefix = name.substring(0, name.length() - Forward.REST.length());
      if (!prefix.endsWith(separator)) {
        throw new IllegalArgumentException(
            "%s: the part before ** must end with '%s'".formatted(place, separator));
      }
      if (broker.replyPrefix().isReachedBy(prefix)) {
        throw new IllegalArgumentException(
            place + ": reaches names under broker.replyPrefix, which no entry can reach");
      }
      sample = prefix + "x";
    }
    if (!broker.rules().isSafe(kind, sample)) {
      throw new IllegalArgumentException(
          "%s: '%s' is a name that the broker or the bridge reserves".formatted(place, name));
    }
    CatalogueParser.at(place, sample, broker.replyPrefix()::requireOutside);
  }

  private static boolean answers(String place, JsonNode node, Kind kind) {
    if (node.isMissingNode()) {
      return false;
    }
    if (!node.isBoolean() || (node.asBoolean() && kind != Kind.QUEUE)) {
      throw new IllegalArgumentException(place + ": must be true or false; true needs a queue");
    }
    return node.asBoolean();
  }
}
