package io.longspan.envelope;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.MessageBody;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The form of commlib's MQTT transport. A request and its answer are JSON: {@code {"data": …,
 * "header": {…}}}. A message to a topic is the data alone.
 *
 * <p>The text of {@code data} is copied as it is, never parsed and written again.
 */
public final class CommlibEnvelope implements Envelope {
  /** The JMS property {@code bodyFormat} of a wrapped request. */
  public static final String FORMAT = "commlib";

  /** Text before and after the data, by which a service can cut out the signed text. */
  static final String BEFORE_DATA = "{\"data\":";

  static final String AFTER_DATA = ",\"header\":{";

  private static final JsonFactory JSON = new JsonFactory();

  private final boolean request;
  private final LongSupplier wallClock;

  private CommlibEnvelope(boolean request, LongSupplier wallClock) {
    this.request = request;
    this.wallClock = wallClock;
  }

  /**
   * Returns the form of requests and answers.
   *
   * @param wallClock the time in milliseconds since 1970
   */
  public static CommlibEnvelope ofRequests(LongSupplier wallClock) {
    return new CommlibEnvelope(true, wallClock);
  }

  /** Returns the form of messages to topics. */
  public static CommlibEnvelope ofTopics() {
    return new CommlibEnvelope(false, () -> 0);
  }

  @Override
  public MessageBody content(MessageBody body) {
    if (!(body instanceof MessageBody.Text text)) {
      throw BridgeException.badRequest("the destination takes JSON or text, not bytes");
    }
    if (text.text() == null) {
      return new MessageBody.Text("{}", "json");
    }
    return text.format().equals("json")
        ? text
        : new MessageBody.Text(write(json -> json.writeString(text.text())), "json");
  }

  @Override
  public MessageBody wrap(
      MessageBody content,
      Map<String, Object> properties,
      Optional<String> correlationId,
      Optional<String> replyTo) {
    MessageBody.Text data = (MessageBody.Text) content;
    if (!request) {
      return data;
    }
    String header =
        write(
            json -> {
              json.writeStartObject();
              json.writeNumberField("timestamp", wallClock.getAsLong() * 1_000_000);
              json.writeStringField("reply_to", replyTo.orElse(""));
              json.writeStringField("content_type", "json");
              json.writeStringField("encoding", "utf8");
              json.writeStringField("agent", "longspan");
              json.writeObjectFieldStart("properties");
              for (Map.Entry<String, Object> property : properties.entrySet()) {
                json.writeFieldName(property.getKey());
                json.writePOJO(property.getValue());
              }
              if (correlationId.isPresent()) {
                json.writeStringField("JMSCorrelationID", correlationId.get());
              }
              json.writeEndObject();
              json.writeEndObject();
            });
    return new MessageBody.Text(
        BEFORE_DATA + data.text() + AFTER_DATA + header.substring(1) + "}", FORMAT);
  }

  /** Returns the MQTT topic, which commlib leaves as it is. */
  @Override
  public String replyName(String jmsName) {
    return jmsName.replace('.', '/');
  }

  @FunctionalInterface
  private interface Writing {
    void to(JsonGenerator json) throws IOException;
  }

  private static String write(Writing content) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      content.to(json);
    } catch (IOException x) {
      throw new UncheckedIOException("a StringWriter does not fail", x);
    }
    return text.toString();
  }

  @Override
  public BrokerMessage unwrap(BrokerMessage message) {
    if (message.tooLarge() || message.isUnsupported()) {
      return message;
    }
    try {
      String text = EnvelopeText.of(message);
      Optional<Parts> parts = Parts.read(text).filter(p -> request || !p.hasMore());
      if (parts.isPresent()) {
        return unwrapped(message, parts.get());
      }
      return request ? unsupported(message) : with(message, text, message.properties());
    } catch (IOException | RuntimeException x) {
      return unsupported(message);
    }
  }

  private static BrokerMessage unwrapped(BrokerMessage message, Parts parts) throws IOException {
    Map<String, Object> properties = new LinkedHashMap<>(message.properties());
    parts.properties().forEach(properties::putIfAbsent);
    properties.keySet().removeIf(name -> name.equals("bodyFormat"));
    return with(message, parts.data(), properties);
  }

  /** Returns a message with a JSON text as its body; a JSON string becomes its characters. */
  private static BrokerMessage with(
      BrokerMessage message, String data, Map<String, Object> properties) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>(properties);
    Object body = data;
    try (JsonParser json = JSON.createParser(data)) {
      JsonToken first = json.nextToken();
      all.put("bodyFormat", first == JsonToken.VALUE_STRING ? "text" : "json");
      if (first == JsonToken.VALUE_STRING) {
        body = json.getText();
      } else if (first == JsonToken.VALUE_NULL) {
        body = null;
      }
      requireNothingAfter(json);
    }
    return new BrokerMessage(
        message.destination(), all, body, null, message.replyTo(), message.expiresAt(), false);
  }

  private static void requireNothingAfter(JsonParser json) throws IOException {
    json.skipChildren();
    if (json.currentToken() == null || json.nextToken() != null) {
      throw new IOException("not one JSON value");
    }
  }

  private static BrokerMessage unsupported(BrokerMessage message) {
    return new BrokerMessage(
        message.destination(),
        message.properties(),
        null,
        BrokerMessage.UNSUPPORTED,
        message.replyTo(),
        message.expiresAt(),
        false);
  }

  /**
   * The parts of a wrapped message that a client may see. {@code reply_to} is none of them.
   *
   * @param data JSON
   * @param properties strings, booleans and numbers
   * @param hasMore whether there are further members, which are ignored
   */
  private record Parts(String data, Map<String, Object> properties, boolean hasMore) {

    /** Returns the parts; empty if the text is JSON without data or without a header. */
    static Optional<Parts> read(String text) throws IOException {
      try (JsonParser json = JSON.createParser(text)) {
        if (json.nextToken() != JsonToken.START_OBJECT) {
          return Optional.empty();
        }
        String data = null;
        Map<String, Object> properties = null;
        boolean more = false;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String name = json.currentName();
          JsonToken value = json.nextToken();
          if (name.equals("data") && data == null) {
            int start = (int) json.currentTokenLocation().getCharOffset();
            json.finishToken();
            json.skipChildren();
            data = text.substring(start, (int) json.currentLocation().getCharOffset());
          } else if (name.equals("header")
              && properties == null
              && value == JsonToken.START_OBJECT) {
            properties = header(json);
          } else {
            json.skipChildren();
            more = true;
          }
        }
        if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
          throw new IOException("not one JSON object");
        }
        return data == null || properties == null
            ? Optional.empty()
            : Optional.of(new Parts(data, properties, more));
      }
    }

    private static Map<String, Object> header(JsonParser json) throws IOException {
      Map<String, Object> properties = new LinkedHashMap<>();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean wanted = json.currentName().equals("properties");
        if (json.nextToken() == JsonToken.START_OBJECT && wanted) {
          scalars(json, properties);
        } else {
          json.skipChildren();
        }
      }
      return properties;
    }

    private static void scalars(JsonParser json, Map<String, Object> properties)
        throws IOException {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = json.currentName();
        Object value = scalar(json, json.nextToken());
        json.skipChildren();
        if (value != null && isVisible(name)) {
          properties.put(name, value);
        }
      }
    }

    private static Object scalar(JsonParser json, JsonToken token) throws IOException {
      return switch (token) {
        case VALUE_STRING -> json.getText();
        case VALUE_TRUE -> true;
        case VALUE_FALSE -> false;
        case VALUE_NUMBER_INT -> isSafe(json) ? (Object) json.getLongValue() : json.getText();
        case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
        default -> null;
      };
    }

    /** Returns whether a whole number is exact in every JSON reader; else it travels as text. */
    private static boolean isSafe(JsonParser json) throws IOException {
      return json.getNumberType() != JsonParser.NumberType.BIG_INTEGER
          && Math.abs(json.getLongValue()) <= 1L << 53;
    }

    private static boolean isVisible(String name) {
      String lower = name.toLowerCase(Locale.ROOT);
      return !lower.startsWith("jms") && !lower.equals("reply_to");
    }
  }
}
