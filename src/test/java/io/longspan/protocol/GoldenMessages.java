package io.longspan.protocol;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The messages that the Java and the TypeScript codec are both tested with. */
final class GoldenMessages {
  static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  private GoldenMessages() {}

  /** One message and what its receiver makes of it. */
  record Golden(String name, JsonNode data, JsonNode expect) {
    Object parsed() {
      return JSON.convertValue(data, Object.class);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Golden> in(String file) {
    try (InputStream stream = GoldenMessages.class.getResourceAsStream("/protocol/" + file)) {
      return StreamSupport.stream(JSON.readTree(stream).spliterator(), false)
          .map(n -> new Golden(n.path("name").asText(), n.get("data"), n.path("expect")));
    } catch (IOException x) {
      throw new UncheckedIOException(x);
    }
  }
}
