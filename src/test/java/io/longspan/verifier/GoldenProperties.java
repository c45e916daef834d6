package io.longspan.verifier;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * One case of {@code signature/properties.json}.
 *
 * @param name what the case shows
 * @param properties the properties with their types
 * @param canonical the canonical text of version 2
 * @param hash its SHA-256 in base64url
 */
public record GoldenProperties(
    String name, Map<String, Object> properties, String canonical, String hash) {

  /** Returns all cases. */
  public static Stream<GoldenProperties> all() {
    return StreamSupport.stream(read("properties.json").spliterator(), false)
        .map(
            golden ->
                new GoldenProperties(
                    golden.get("case").asText(),
                    properties(golden.get("properties")),
                    golden.get("canonical").asText(),
                    golden.get("hash").asText()));
  }

  static JsonNode read(String file) {
    try (InputStream text = GoldenProperties.class.getResourceAsStream("/signature/" + file)) {
      return new ObjectMapper().readTree(text);
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }

  private static Map<String, Object> properties(JsonNode list) {
    Map<String, Object> properties = new HashMap<>();
    for (JsonNode property : list) {
      String value = property.get("value").asText();
      properties.put(
          property.get("name").asText(),
          switch (property.get("type").asText()) {
            case "boolean" -> Boolean.valueOf(value);
            case "int" -> Integer.valueOf(value);
            case "long" -> Long.valueOf(value);
            case "double" -> Double.valueOf(value);
            default -> value;
          });
    }
    return properties;
  }

  @Override
  public String toString() {
    return name;
  }
}
