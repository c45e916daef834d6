package io.longspan.protocol;

import java.util.Map;

/**
 * Reads fields of a parsed JSON object. A missing or wrongly typed field is a {@code badRequest}
 * that names the field.
 */
final class JsonFields {
  private JsonFields() {}

  static Map<?, ?> object(Object value, String name) {
    if (value instanceof Map<?, ?> object) {
      return object;
    }
    throw BridgeException.badRequest(name + " must be an object");
  }

  static String string(Map<?, ?> fields, String name) {
    if (fields.get(name) instanceof String text) {
      return text;
    }
    throw BridgeException.badRequest(name + " must be a string");
  }
}
