package io.longspan.local;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An answer of a local service, a part of one, or a message to a local topic.
 *
 * @param properties strings, booleans and numbers by name. The bridge itself sets names that begin
 *     with {@code JMS}, and {@code sequence} and {@code done}
 * @param body a {@code String}, a {@code byte[]}, or null
 */
public record LocalMessage(Map<String, Object> properties, Object body) {

  /**
   * Creates a message; copies the map.
   *
   * @throws IllegalArgumentException if a name or value is not allowed
   */
  public LocalMessage {
    if (body != null && !(body instanceof String) && !(body instanceof byte[])) {
      throw new IllegalArgumentException(
          "a body is a String, a byte[] or null, not " + body.getClass().getName());
    }
    properties.forEach(LocalMessage::require);
    properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
  }

  private static void require(String name, Object value) {
    if (name.isEmpty() || name.regionMatches(true, 0, "JMS", 0, 3)) {
      throw new IllegalArgumentException("'" + name + "' is not the name of a property");
    }
    if (!(value instanceof String
        || value instanceof Boolean
        || value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte
        || value instanceof Double
        || value instanceof Float)) {
      throw new IllegalArgumentException(
          "property " + name + " is neither a string, a boolean nor a number");
    }
  }

  /** Returns a message with this text and without properties. */
  public static LocalMessage text(String body) {
    return new LocalMessage(Map.of(), body);
  }

  /** Returns a copy with one more property. */
  public LocalMessage with(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(properties);
    more.put(name, value);
    return new LocalMessage(more, body);
  }
}
