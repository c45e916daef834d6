package io.longspan.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.catalogue.SendPolicy.ByProperty;
import io.longspan.catalogue.SendPolicy.Correlation;
import io.longspan.config.LongspanConfig.ReplyMode;
import io.longspan.config.Quantity;
import io.longspan.protocol.PropertyRules;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Parses what a catalogue entry sets on messages (protocol section 14). Stateless. */
final class SendPolicyParser {
  /** The keys of an entry that this class parses. */
  static final List<String> KEYS =
      List.of(
          "priority",
          "timeToLive",
          "persistent",
          "groupId",
          "properties",
          "correlate",
          "replies",
          "envelope");

  private static final String PROPERTY = "property:";

  private SendPolicyParser() {}

  /**
   * Parses the settings of an entry.
   *
   * @param place the entry, for error messages
   * @param node the entry
   * @param name the logical names of the entry
   * @throws IllegalArgumentException if a value is invalid; the message is one line with the place
   */
  static SendPolicy parse(String place, JsonNode node, Kind kind, NameTemplate name) {
    Map<String, Object> properties = properties(place + ".properties", node.path("properties"));
    Correlation correlation = correlation(place + ".correlate", node.path("correlate"), kind);
    if (correlation instanceof ByProperty by
        && properties.keySet().stream().anyMatch(p -> PropertyRules.isSameName(p, by.name()))) {
      throw new IllegalArgumentException(
          place + ".properties." + by.name() + ": correlate sets this property");
    }
    MessageForm form = form(place + ".envelope", node.path("envelope"), kind);
    if (form.isCommlib()) {
      for (String key : List.of("replies", "correlate", "groupId")) {
        if (node.has(key)) {
          throw new IllegalArgumentException(place + "." + key + ": not with envelope commlib");
        }
      }
    }
    return new SendPolicy(
        priority(place + ".priority", node.path("priority")),
        timeToLive(place + ".timeToLive", node.path("timeToLive")),
        persistent(place + ".persistent", node.path("persistent")),
        groupId(place + ".groupId", node.path("groupId"), name),
        properties,
        correlation,
        replies(place + ".replies", node.path("replies"), kind),
        form,
        Optional.empty());
  }

  private static MessageForm form(String place, JsonNode node, Kind kind) {
    return switch (node.asText("jms")) {
      case "jms" -> MessageForm.JMS;
      case "commlib" ->
          kind == Kind.QUEUE ? MessageForm.COMMLIB_REQUEST : MessageForm.COMMLIB_TOPIC;
      default ->
          throw new IllegalArgumentException(
              "%s: '%s' is not jms or commlib".formatted(place, node.asText()));
    };
  }

  private static Optional<ReplyMode> replies(String place, JsonNode node, Kind kind) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    ReplyMode mode =
        ReplyMode.named(node.asText())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s: '%s' is not temporaryTopic, temporaryQueue, topic or queue"
                            .formatted(place, node.asText())));
    if (mode == ReplyMode.QUEUE && kind != Kind.QUEUE) {
      throw new IllegalArgumentException(
          place + ": only answers to requests can share a queue, and only a queue takes requests");
    }
    return Optional.of(mode);
  }

  private static Optional<Integer> priority(String place, JsonNode node) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    if (!node.isInt() || node.asInt() < 0 || node.asInt() > 9) {
      throw new IllegalArgumentException(place + ": must be a whole number from 0 to 9");
    }
    return Optional.of(node.asInt());
  }

  private static Optional<Duration> timeToLive(String place, JsonNode node) {
    return node.isMissingNode()
        ? Optional.empty()
        : Optional.of(CatalogueParser.at(place, node.asText(), Quantity::duration));
  }

  private static Optional<Boolean> persistent(String place, JsonNode node) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    if (!node.isBoolean()) {
      throw new IllegalArgumentException(place + ": must be true or false");
    }
    return Optional.of(node.asBoolean());
  }

  private static Optional<String> groupId(String place, JsonNode node, NameTemplate name) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    if (!node.isTextual() || node.asText().isEmpty()) {
      throw new IllegalArgumentException(place + ": must be a text, such as {user}");
    }
    return Optional.of(
        CatalogueParser.at(place, node.asText(), text -> GroupIds.require(text, name)));
  }

  private static Map<String, Object> properties(String place, JsonNode node) {
    if (node.isMissingNode()) {
      return Map.of();
    }
    if (!node.isObject()) {
      throw new IllegalArgumentException(place + ": must hold names and values");
    }
    Map<String, Object> properties = new LinkedHashMap<>();
    node.fields()
        .forEachRemaining(
            field -> {
              String name = field.getKey();
              requireName(place + "." + name, name);
              if (properties.keySet().stream().anyMatch(p -> PropertyRules.isSameName(p, name))) {
                throw new IllegalArgumentException(place + "." + name + ": is given twice");
              }
              properties.put(name, value(place + "." + name, field.getValue()));
            });
    return properties;
  }

  private static void requireName(String place, String name) {
    PropertyRules.problemInEntry(name)
        .ifPresent(
            problem -> {
              throw new IllegalArgumentException(place + ": '" + name + "' " + problem);
            });
  }

  private static Object value(String place, JsonNode node) {
    if (node.isTextual()) {
      return node.asText();
    }
    if (node.isBoolean()) {
      return node.asBoolean();
    }
    if (node.isInt()) {
      return node.asInt();
    }
    if (node.isLong()) {
      return node.asLong();
    }
    if (node.isDouble()) {
      return node.asDouble();
    }
    throw new IllegalArgumentException(place + ": must be a text, a number, true or false");
  }

  private static Correlation correlation(String place, JsonNode node, Kind kind) {
    if (node.isMissingNode()) {
      return Correlation.BY_CORRELATION_ID;
    }
    if (kind != Kind.QUEUE) {
      throw new IllegalArgumentException(place + ": only requests to a queue have answers");
    }
    String text = node.asText();
    if (text.equals("correlationId")) {
      return Correlation.BY_CORRELATION_ID;
    }
    if (text.equals("messageId")) {
      return Correlation.BY_MESSAGE_ID;
    }
    if (!text.startsWith(PROPERTY)) {
      throw new IllegalArgumentException(
          place + ": '" + text + "' is not correlationId, messageId or property:<name>");
    }
    String name = text.substring(PROPERTY.length());
    requireName(place, name);
    return new ByProperty(name);
  }
}
