package io.longspan.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.catalogue.BrokerDestination.Kind;
import java.util.List;

/**
 * The rules of entries of the kind {@code local}: services and topics inside this process. An entry
 * with {@code subscribe} is a topic, any other a service. Stateless.
 */
final class LocalEntries {
  /** The value of {@code kind}. */
  static final String KIND = "local";

  /** Keys that control a JMS broker. */
  private static final List<String> WITHOUT_MEANING =
      List.of(
          "broker",
          "jms",
          "replies",
          "correlate",
          "envelope",
          "priority",
          "persistent",
          "groupId",
          "presence",
          "receive",
          "ackTimeout",
          "deadLetter",
          "maxConsumers",
          "durable");

  private LocalEntries() {}

  static void requireKeys(String place, JsonNode node) {
    for (String key : WITHOUT_MEANING) {
      if (node.has(key)) {
        throw new IllegalArgumentException(
            place + "." + key + ": not possible with kind local, which uses no JMS broker");
      }
    }
  }

  static Kind kind(String place, JsonNode node) {
    if (node.has("subscribe")) {
      return Kind.TOPIC;
    }
    if (!node.has("send")) {
      throw new IllegalArgumentException(
          place + ".kind: local needs send (a service) or subscribe (a topic)");
    }
    return Kind.QUEUE;
  }

  static boolean wildcards(String place, JsonNode node, Kind kind) {
    JsonNode given = node.path("wildcards");
    if (!given.isMissingNode() && !given.isBoolean()) {
      throw new IllegalArgumentException(place + ".wildcards: must be true or false");
    }
    if (given.asBoolean() && kind != Kind.TOPIC) {
      throw new IllegalArgumentException(place + ".wildcards: requires a topic");
    }
    return given.asBoolean();
  }

  static String requireNotReserved(String name) {
    if (BrokerNameRules.isReserved(name)) {
      throw new IllegalArgumentException("'" + name + "' is a name that the bridge reserves");
    }
    return name;
  }
}
