package io.longspan.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.wire.RawBayeuxClient;
import io.longspan.wire.RawHttp;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A Bayeux session over WebSocket that reads only what it waits for, and never polls again. */
final class HostileSession implements Closeable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RawHttp http;
  private String clientId = "";
  private int lastId;

  private HostileSession(RawHttp http) {
    this.http = http;
  }

  /** Signs in, shakes hands and connects. */
  static HostileSession open(Target target, String user) throws IOException {
    HostileSession session = new HostileSession(target.connect(Target.SHARED_ADDRESS));
    try {
      session.begin(user);
      return session;
    } catch (IOException | RuntimeException refused) {
      session.close();
      throw refused;
    }
  }

  private void begin(String user) throws IOException {
    int status = http.upgrade(Target.basic(user)).status();
    if (status != 101) {
      throw new IOException("upgrade refused: " + status);
    }
    JsonNode shaken =
        exchange(
            Map.of(
                "channel",
                "/meta/handshake",
                "version",
                "1.0",
                "supportedConnectionTypes",
                List.of("websocket")));
    clientId = shaken.path("clientId").asText();
    String channel = shaken.at("/ext/bridge/userChannel").asText();
    exchange(Map.of("channel", "/meta/subscribe", "subscription", channel));
    control(Map.of("type", "connect", "protocolVersion", "1.1"));
  }

  /** Sends a control message and waits for no answer. */
  void control(Map<String, ?> fields) throws IOException {
    Map<String, Object> data = RawBayeuxClient.message("correlationId", "c" + ++lastId);
    data.putAll(fields);
    send(Map.of("channel", "/anzo/control", "data", data));
  }

  /** Sends a message into JMS and waits for no receipt. */
  void publish(String destination, Map<String, ?> properties, Object body) throws IOException {
    send(
        Map.of(
            "channel",
            "/anzo/bridge",
            "data",
            Map.of("destination", destination, "properties", properties, "body", body)));
  }

  /** Sends a message on any channel, with whatever is in it. */
  void send(Map<String, ?> message) throws IOException {
    http.frame(true, false, RawHttp.TEXT, JSON.writeValueAsBytes(List.of(complete(message))));
  }

  private Map<String, Object> complete(Map<String, ?> message) {
    Map<String, Object> complete = RawBayeuxClient.message("id", String.valueOf(++lastId));
    complete.put("clientId", clientId);
    complete.putAll(message);
    return complete;
  }

  private JsonNode exchange(Map<String, ?> message) throws IOException {
    send(message);
    String id = String.valueOf(lastId);
    while (true) {
      for (JsonNode reply : JSON.readTree(http.awaitFrame(RawHttp.TEXT).payload())) {
        if (reply.path("id").asText().equals(id)) {
          if (!reply.path("successful").asBoolean()) {
            throw new IOException("refused: " + reply);
          }
          return reply;
        }
      }
    }
  }

  /** Cuts the connection without a word. */
  @Override
  public void close() {
    http.close();
  }
}
