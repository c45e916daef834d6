package io.longspan.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON as maps, lists, strings, numbers, booleans and null. */
final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /**
   * Parses a text.
   *
   * @throws IOException if it is not JSON, or something follows
   */
  static Object parse(String text) throws IOException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() == null) {
        throw new IOException("The text is empty");
      }
      Object value = value(parser);
      if (parser.nextToken() != null) {
        throw new IOException("Something follows the JSON");
      }
      return value;
    }
  }

  private static Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  private static Map<String, Object> object(JsonParser parser) throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      object.put(name, value(parser));
    }
    return object;
  }

  private static List<Object> array(JsonParser parser) throws IOException {
    List<Object> array = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(value(parser));
    }
    return array;
  }

  /**
   * Writes a value.
   *
   * @throws IllegalArgumentException if it has no form in JSON
   */
  static String write(Object value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(text)) {
      write(value, generator);
    } catch (IOException x) {
      throw new IllegalArgumentException(x);
    }
    return text.toString();
  }

  private static void write(Object value, JsonGenerator to) throws IOException {
    if (value == null) {
      to.writeNull();
    } else if (value instanceof Map<?, ?> map) {
      to.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        to.writeFieldName(String.valueOf(entry.getKey()));
        write(entry.getValue(), to);
      }
      to.writeEndObject();
    } else if (value instanceof Iterable<?> values) {
      to.writeStartArray();
      for (Object each : values) {
        write(each, to);
      }
      to.writeEndArray();
    } else if (value instanceof CharSequence || value instanceof Character) {
      to.writeString(value.toString());
    } else if (value instanceof Boolean truth) {
      to.writeBoolean(truth);
    } else if (value instanceof Number number) {
      writeNumber(number, to);
    } else {
      throw new IllegalArgumentException(
          value.getClass().getName()
              + " has no form in JSON; allowed: maps, lists, strings, numbers, booleans, null");
    }
  }

  private static void writeNumber(Number number, JsonGenerator to) throws IOException {
    if (!Double.isFinite(number.doubleValue())) {
      throw new IllegalArgumentException(number + " has no form in JSON");
    }
    to.writeNumber(number.toString());
  }

  /** Returns a member that is a string; else null. */
  static String text(Map<String, Object> object, String name) {
    return object.get(name) instanceof String text ? text : null;
  }

  /** Returns a member that is an object; else an empty one. */
  @SuppressWarnings("unchecked")
  static Map<String, Object> object(Map<String, Object> object, String name) {
    return object.get(name) instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
  }

  /** Returns the strings of a member that is an array. */
  static List<String> texts(Map<String, Object> object, String name) {
    return list(object, name).stream()
        .filter(String.class::isInstance)
        .map(String.class::cast)
        .toList();
  }

  /** Returns a member that is an array; else an empty one. */
  static List<?> list(Map<String, Object> object, String name) {
    return object.get(name) instanceof List<?> list ? list : List.of();
  }
}
