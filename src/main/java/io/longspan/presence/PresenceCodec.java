package io.longspan.presence;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.longspan.presence.PresenceMessage.Alive;
import io.longspan.presence.PresenceMessage.Bye;
import io.longspan.presence.PresenceMessage.Changes;
import io.longspan.presence.PresenceMessage.Content;
import io.longspan.presence.PresenceMessage.Entry;
import io.longspan.presence.PresenceMessage.Query;
import io.longspan.presence.PresenceMessage.State;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Encodes and decodes the messages between bridges as JSON. Others may be able to send to the same
 * topic, so that every field and every size is checked. Stateless.
 */
final class PresenceCodec {
  /** Maximum number of entries in a message. */
  static final int MAX_ENTRIES = 1000;

  /** Maximum size of the names in a message that this bridge sends, in characters. */
  static final int MAX_NAMES = 128 * 1024;

  /** Maximum size of a received message, in characters: names can be longer once escaped. */
  private static final int MAX_TEXT = 1024 * 1024;

  private static final int MAX_JMS_NAME = 8192;
  private static final int MAX_USER = 8192;
  private static final int MAX_CLIENTS = 1_000_000;
  private static final int MAX_PARTS = 10_000;
  private static final long MAX_SEQ = 1L << 53;
  private static final Pattern INSTANCE = Pattern.compile("[A-Za-z0-9_-]{8,64}");

  private final JsonMapper json =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Returns the size of an entry's names, in characters. */
  static int size(Entry entry) {
    return entry.topic().name().length() + entry.topic().jmsName().length() + entry.user().length();
  }

  String encode(PresenceMessage message) {
    ObjectNode fields = json.createObjectNode();
    fields.put("instance", message.instance());
    fields.put("seq", message.seq());
    Content content = message.content();
    if (content instanceof State state) {
      fields.put("type", "state").put("part", state.part()).put("parts", state.parts());
      putEntries(fields, state.entries());
    } else if (content instanceof Changes changes) {
      fields.put("type", "changes");
      putEntries(fields, changes.entries());
    } else if (content instanceof Query query) {
      fields.put("type", "query").put("of", query.of());
    } else {
      fields.put("type", content instanceof Bye ? "bye" : "alive");
    }
    return fields.toString();
  }

  private static void putEntries(ObjectNode fields, List<Entry> entries) {
    ArrayNode list = fields.putArray("entries");
    for (Entry entry : entries) {
      list.addArray()
          .add(entry.topic().name())
          .add(entry.topic().jmsName())
          .add(entry.user())
          .add(entry.clients());
    }
  }

  /** Decodes a message; empty if it is malformed or too large. */
  Optional<PresenceMessage> decode(String text) {
    if (text.length() > MAX_TEXT) {
      return Optional.empty();
    }
    try {
      JsonNode fields = json.readTree(text);
      String instance = fields.path("instance").asText();
      if (!INSTANCE.matcher(instance).matches()) {
        return Optional.empty();
      }
      return Optional.of(
          new PresenceMessage(instance, number(fields.path("seq"), 1, MAX_SEQ), content(fields)));
    } catch (JsonProcessingException | IllegalArgumentException | BridgeException malformed) {
      return Optional.empty();
    }
  }

  private static Content content(JsonNode fields) {
    return switch (fields.path("type").asText()) {
      case "state" -> {
        int parts = (int) number(fields.path("parts"), 1, MAX_PARTS);
        yield new State((int) number(fields.path("part"), 1, parts), parts, entries(fields));
      }
      case "changes" -> new Changes(entries(fields));
      case "alive" -> new Alive();
      case "query" -> new Query(text(fields.path("of"), 64));
      case "bye" -> new Bye();
      default -> throw new IllegalArgumentException("unknown type");
    };
  }

  private static List<Entry> entries(JsonNode fields) {
    JsonNode list = fields.path("entries");
    require(list.isArray() && list.size() <= MAX_ENTRIES);
    List<Entry> entries = new ArrayList<>(list.size());
    for (JsonNode entry : list) {
      require(entry.isArray() && entry.size() == 4);
      String name = text(entry.get(0), MAX_JMS_NAME);
      DestinationName.parse(name);
      String user = text(entry.get(2), MAX_USER);
      require(!user.isEmpty());
      entries.add(
          new Entry(
              new PresenceTopic(name, text(entry.get(1), MAX_JMS_NAME)),
              user,
              (int) number(entry.get(3), 0, MAX_CLIENTS)));
    }
    return entries;
  }

  private static String text(JsonNode node, int maxLength) {
    require(node.isTextual() && node.asText().length() <= maxLength);
    return node.asText();
  }

  private static long number(JsonNode node, long min, long max) {
    require(node.isIntegralNumber() && node.canConvertToLong());
    require(node.asLong() >= min && node.asLong() <= max);
    return node.asLong();
  }

  private static void require(boolean valid) {
    if (!valid) {
      throw new IllegalArgumentException("malformed");
    }
  }
}
