package io.longspan.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A Bayeux client that calls the local echo again and again, over one of the transports. It speaks
 * only as much of the protocol as that needs. Errors end it silently.
 */
final class WarmUpClient implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int IN_FLIGHT = 8;

  private static final String HANDSHAKE =
      """
      [{"channel":"/meta/handshake","id":"h","version":"1.0",
        "supportedConnectionTypes":["websocket","long-polling"]}]""";

  private final URI endpoint;
  private final String authorization;
  private final String transport;
  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicLong answers = new AtomicLong();
  private final AtomicLong ids = new AtomicLong();
  private final StringBuilder partial = new StringBuilder();

  /** Completed if this client uses WebSocket. */
  private WebSocket socket;

  private CompletableFuture<?> lastSend = CompletableFuture.completedFuture(null);
  private volatile String clientId;
  private volatile String userChannel;
  private volatile boolean closed;

  private WarmUpClient(URI endpoint, String user, String password, boolean webSocket) {
    this.endpoint = endpoint;
    this.transport = webSocket ? "websocket" : "long-polling";
    this.authorization =
        "Basic "
            + Base64.getEncoder()
                .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  /** Connects; returns at once. */
  static WarmUpClient start(URI endpoint, String user, String password, boolean webSocket) {
    WarmUpClient client = new WarmUpClient(endpoint, user, password, webSocket);
    if (webSocket) {
      client
          .http
          .newWebSocketBuilder()
          .header("Authorization", client.authorization)
          .buildAsync(
              URI.create(endpoint.toString().replaceFirst("^http", "ws")), client.listener())
          .thenAccept(
              open -> {
                client.socket = open;
                client.send(HANDSHAKE);
              });
    } else {
      client.send(HANDSHAKE);
    }
    return client;
  }

  /** Returns the number of answers so far. */
  long answers() {
    return answers.get();
  }

  @Override
  public void close() {
    closed = true;
    if (socket != null) {
      socket.abort();
    }
  }

  private WebSocket.Listener listener() {
    return new WebSocket.Listener() {
      @Override
      public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
        partial.append(text);
        if (last) {
          String whole = partial.toString();
          partial.setLength(0);
          received(whole);
        }
        from.request(1);
        return null;
      }
    };
  }

  private synchronized void send(String text) {
    if (closed) {
      return;
    }
    if (socket != null) {
      lastSend = lastSend.handle((sent, failure) -> socket.sendText(text, true));
      return;
    }
    HttpRequest post =
        HttpRequest.newBuilder(endpoint)
            .header("Content-Type", "application/json;charset=UTF-8")
            .header("Authorization", authorization)
            .POST(BodyPublishers.ofString(text))
            .build();
    http.sendAsync(post, BodyHandlers.ofString()).thenAccept(answer -> received(answer.body()));
  }

  private void received(String text) {
    try {
      for (JsonNode message : JSON.readTree(text)) {
        received(message);
      }
    } catch (JsonProcessingException malformed) {
      close();
    }
  }

  private void received(JsonNode message) {
    String channel = message.path("channel").asText();
    if (channel.equals("/meta/handshake")) {
      clientId = message.path("clientId").asText();
      userChannel = message.at("/ext/bridge/userChannel").asText();
      send(meta("subscribe", "\"subscription\":\"" + userChannel + "\""));
    } else if (channel.equals("/meta/subscribe")) {
      poll();
      control("connect", "\"protocolVersion\":\"1.1\"");
    } else if (channel.equals("/meta/connect")) {
      poll();
    } else if (channel.equals(userChannel)) {
      data(message.path("data"));
    }
  }

  private void data(JsonNode data) {
    if (data.path("status").asText().equals("connected")) {
      control("topicSubscribe", "\"topics\":[\"topics/" + clientId + "\"]");
      for (int i = 0; i < IN_FLIGHT; i++) {
        request();
      }
    } else if (data.path("properties").has("JMSCorrelationID")) {
      if (answers.incrementAndGet() % IN_FLIGHT == 0) {
        publish("topics/" + clientId, "\"n\":1");
      }
      request();
    }
  }

  private void request() {
    publish(
        "services/local-echo", "\"JMSCorrelationID\":\"r-" + ids.incrementAndGet() + "\",\"n\":5");
  }

  private void publish(String destination, String properties) {
    send(
        ("[{\"channel\":\"/anzo/bridge\",\"id\":\"p\",\"clientId\":\"%s\",\"data\":{\"destination\":"
                + "\"%s\",\"properties\":{%s},\"body\":{\"text\":\"warm-up\",\"list\":[1,2.5,true]}}}]")
            .formatted(clientId, destination, properties));
  }

  private void control(String type, String fields) {
    send(
        ("[{\"channel\":\"/anzo/control\",\"id\":\"c\",\"clientId\":\"%s\",\"data\":{\"type\":\"%s\","
                + "\"correlationId\":\"%s\",%s}}]")
            .formatted(clientId, type, type, fields));
  }

  private void poll() {
    send(meta("connect", "\"connectionType\":\"" + transport + "\""));
  }

  private String meta(String name, String fields) {
    return "[{\"channel\":\"/meta/%s\",\"id\":\"%s\",\"clientId\":\"%s\",%s}]"
        .formatted(name, name, clientId, fields);
  }
}
