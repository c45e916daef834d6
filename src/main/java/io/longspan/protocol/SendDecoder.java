package io.longspan.protocol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Decodes and validates what a client publishes on the bridge channel, and removes reserved
 * properties (protocol section 3). Safe for use by many threads; never blocks.
 */
public final class SendDecoder {
  /** The maximum number of UTF-8 bytes of one {@code char}. */
  private static final int MAX_BYTES_PER_CHAR = 3;

  private final ObjectMapper json;
  private final long maxBytes;
  private final long maxPropertyBytes;
  private final int maxDepth;

  /**
   * Creates a decoder.
   *
   * @param maxBytes the maximum size of a message: the bytes of its body and the characters of its
   *     properties
   * @param maxPropertyBytes the maximum length of a property value, in bytes of UTF-8. Selectors
   *     read properties inside the broker, which may keep them in memory
   * @param maxDepth the maximum nesting depth of the message's JSON
   */
  public SendDecoder(long maxBytes, long maxPropertyBytes, int maxDepth) {
    this.maxBytes = maxBytes;
    this.maxPropertyBytes = maxPropertyBytes;
    this.maxDepth = maxDepth;
    this.json = ClientJson.mapper(maxDepth);
  }

  /**
   * Decodes a message.
   *
   * @param data the {@code data} of the Bayeux message
   * @throws BridgeException {@code badRequest} or {@code limitExceeded}
   */
  public SendCommand decode(Object data) {
    Map<?, ?> fields = JsonFields.object(data, "data");
    if (JsonDepth.exceeds(data, maxDepth)) {
      throw BridgeException.tooLarge("the message is nested deeper than " + maxDepth + " levels");
    }
    SendCommand.Target target = target(fields);
    Object given = fields.get("properties");
    Map<?, ?> properties = given == null ? Map.of() : JsonFields.object(given, "properties");
    SendCommand.Headers headers = headers(properties);
    Map<String, Object> kept = new LinkedHashMap<>();
    int stripped = keep(properties, kept);
    MessageBody body = body(fields.get("body"), fields.get("bodyFormat"));
    requireSize(body, kept);
    requireUnicode(headers, kept, body);
    return new SendCommand(target, headers, kept, body, stripped);
  }

  /**
   * Returns the {@code JMSCorrelationID}, if there is a valid one.
   *
   * @param data the {@code data} of the Bayeux message, valid or not
   */
  public Optional<String> correlationIdOf(Object data) {
    return data instanceof Map<?, ?> fields
            && fields.get("properties") instanceof Map<?, ?> properties
            && properties.get("JMSCorrelationID") instanceof String id
            && id.length() <= ControlDecoder.MAX_CORRELATION_ID
        ? Optional.of(id)
        : Optional.empty();
  }

  private static SendCommand.Target target(Map<?, ?> fields) {
    Object replyTo = fields.get("replyTo");
    if (replyTo == null) {
      return new SendCommand.Destination(
          DestinationName.parse(JsonFields.string(fields, "destination")));
    }
    if (fields.get("destination") != null) {
      throw BridgeException.badRequest(
          "a message must have either destination or replyTo, not both");
    }
    return new SendCommand.ReplyHandle(JsonFields.string(fields, "replyTo"));
  }

  private static SendCommand.Headers headers(Map<?, ?> properties) {
    return new SendCommand.Headers(
        text(properties, "JMSCorrelationID"),
        text(properties, "JMSType"),
        (int) whole(properties, "JMSPriority", SendCommand.Headers.DEFAULT_PRIORITY, 9),
        persistent(properties.get("JMSDeliveryMode")),
        whole(properties, "timeToLive", 0, 1L << 53));
  }

  private static Optional<String> text(Map<?, ?> properties, String name) {
    Object value = properties.get(name);
    if (value == null && !properties.containsKey(name)) {
      return Optional.empty();
    }
    if (value instanceof String text && text.length() <= ControlDecoder.MAX_CORRELATION_ID) {
      return Optional.of(text);
    }
    throw BridgeException.badRequest(
        name + " must be a string of at most " + ControlDecoder.MAX_CORRELATION_ID + " characters");
  }

  private static long whole(Map<?, ?> properties, String name, long byDefault, long max) {
    if (!properties.containsKey(name)) {
      return byDefault;
    }
    Object value = properties.get(name);
    if ((value instanceof Integer || value instanceof Long)
        && ((Number) value).longValue() >= 0
        && ((Number) value).longValue() <= max) {
      return ((Number) value).longValue();
    }
    throw BridgeException.badRequest("%s must be a whole number from 0 to %d".formatted(name, max));
  }

  private static boolean persistent(Object mode) {
    if (mode == null || mode.equals("NON_PERSISTENT")) {
      return false;
    }
    if (mode.equals("PERSISTENT")) {
      return true;
    }
    throw BridgeException.badRequest("JMSDeliveryMode must be PERSISTENT or NON_PERSISTENT");
  }

  /**
   * Copies the properties that a client may set. Returns the number of properties that were left
   * out: reserved ones, and an invalid trace context.
   */
  private static int keep(Map<?, ?> properties, Map<String, Object> kept) {
    int stripped = 0;
    for (Map.Entry<?, ?> property : properties.entrySet()) {
      String name = (String) property.getKey();
      if (isHeader(name)) {
        continue;
      }
      if (PropertyRules.onlyBridgeMaySet(name)) {
        stripped++;
      } else if (PropertyRules.isPropertyName(name)) {
        kept.put(name, value(name, property.getValue()));
      } else {
        throw BridgeException.badRequest("a property's name is not a Java identifier");
      }
    }
    return stripped + TraceContext.removeInvalid(kept);
  }

  private static boolean isHeader(String name) {
    return switch (name) {
      case "JMSCorrelationID", "JMSType", "JMSPriority", "JMSDeliveryMode", "timeToLive" -> true;
      default -> false;
    };
  }

  private static Object value(String name, Object value) {
    if (value instanceof String
        || value instanceof Boolean
        || value instanceof Integer
        || value instanceof Long) {
      return value;
    }
    if (value instanceof Double || value instanceof Float || value instanceof BigDecimal) {
      double number = ((Number) value).doubleValue();
      if (!Double.isInfinite(number)) {
        return number;
      }
    }
    throw BridgeException.badRequest(
        "property %s must be a string, a boolean or a number within JMS's range".formatted(name));
  }

  private MessageBody body(Object body, Object format) {
    if (format != null && !(format instanceof String)) {
      throw BridgeException.badRequest("bodyFormat must be a string");
    }
    boolean textual = body == null || body instanceof String;
    String wanted = format == null ? (textual ? "text" : "json") : (String) format;
    return switch (wanted) {
      case "base64" -> bytes(body);
      case "text" -> {
        if (!textual) {
          throw BridgeException.badRequest("bodyFormat text needs a string as body");
        }
        yield new MessageBody.Text((String) body, "text");
      }
      case "json" -> new MessageBody.Text(jsonText(body), "json");
      default -> throw BridgeException.badRequest("bodyFormat must be text, json or base64");
    };
  }

  private static MessageBody bytes(Object body) {
    if (body instanceof String text) {
      try {
        return new MessageBody.Bytes(
            Base64.getDecoder().decode(text.getBytes(StandardCharsets.ISO_8859_1)));
      } catch (IllegalArgumentException x) {
        throw BridgeException.badRequest("body is not base64");
      }
    }
    throw BridgeException.badRequest("bodyFormat base64 needs a string as body");
  }

  /**
   * With the format {@code json}, a string body is JSON text that the client has written itself.
   */
  private String jsonText(Object body) {
    try {
      if (body instanceof String text) {
        if (json.readTree(text).isMissingNode()) {
          throw BridgeException.badRequest("body is not JSON");
        }
        return text;
      }
      return json.writeValueAsString(body);
    } catch (StreamConstraintsException x) {
      throw BridgeException.tooLarge("the JSON of the body exceeds a limit of the bridge's parser");
    } catch (JsonProcessingException x) {
      throw BridgeException.badRequest("body is not JSON");
    }
  }

  /**
   * Rejects an unpaired surrogate, which JSON can escape. It is not a character: one broker would
   * keep it, another would replace it.
   */
  private static void requireUnicode(
      SendCommand.Headers headers, Map<String, Object> properties, MessageBody body) {
    headers.correlationId().ifPresent(SendDecoder::requireUnicode);
    headers.type().ifPresent(SendDecoder::requireUnicode);
    for (Object value : properties.values()) {
      if (value instanceof String text) {
        requireUnicode(text);
      }
    }
    if (body instanceof MessageBody.Text text && text.text() != null) {
      requireUnicode(text.text());
    }
  }

  private static void requireUnicode(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isSupplementaryCodePoint(text.codePointAt(i))) {
          throw BridgeException.badRequest("a text contains an unpaired surrogate");
        }
        i++;
      }
    }
  }

  private void requirePropertySize(String name, String value) {
    if (value.length() > maxPropertyBytes
        || (value.length() > maxPropertyBytes / MAX_BYTES_PER_CHAR
            && value.getBytes(StandardCharsets.UTF_8).length > maxPropertyBytes)) {
      throw BridgeException.tooLarge(
          "property %s is longer than %d bytes".formatted(name, maxPropertyBytes));
    }
  }

  private void requireSize(MessageBody body, Map<String, Object> properties) {
    long size = body.size();
    for (Map.Entry<String, Object> property : properties.entrySet()) {
      String value = String.valueOf(property.getValue());
      requirePropertySize(property.getKey(), value);
      size += property.getKey().length() + value.length();
    }
    if (size > maxBytes) {
      throw BridgeException.tooLarge(
          "the message has %d bytes; at most %d are allowed".formatted(size, maxBytes));
    }
  }
}
