package io.longspan.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * A client's connection to a bridge over one transport; after a loss a new one is made. No method
 * blocks, and the listener is called on threads of the HTTP client.
 */
interface BayeuxLink {
  /** Hears what comes; may hear of a loss more than once, and of messages after one. */
  interface Listener {
    void received(List<Map<String, Object>> messages);

    void lost(String why);
  }

  /** Sends one Bayeux message. */
  void send(Map<String, Object> message);

  /** Stops to read what the bridge pushes, or goes on; what is polled for is not concerned. */
  void read(boolean wanted);

  /** Drops the connection without a word to the bridge. */
  void abort();

  /** Bayeux's JSON. */
  final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    static String write(Map<String, Object> message) {
      try {
        return MAPPER.writeValueAsString(List.of(message));
      } catch (JsonProcessingException x) {
        throw new UncheckedIOException(x);
      }
    }

    static List<Map<String, Object>> read(String text) {
      try {
        return MAPPER.readValue(text, new TypeReference<>() {});
      } catch (JsonProcessingException x) {
        throw new UncheckedIOException(x);
      }
    }
  }

  /** Returns the header of a user whose password is the name. */
  static String authorization(String user) {
    return "Basic "
        + Base64.getEncoder().encodeToString((user + ":" + user).getBytes(StandardCharsets.UTF_8));
  }
}
