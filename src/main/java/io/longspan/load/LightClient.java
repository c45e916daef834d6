package io.longspan.load;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A Bayeux client for many in one process: it connects, sends and receives, and has no thread of
 * its own. It does not come back after a loss.
 *
 * <p>The methods may be called on any thread and never block. The listener is called on threads of
 * the HTTP client, one call at a time for WebSocket.
 */
public final class LightClient implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int OK = 200;

  /** What a client tells. */
  public interface Listener {
    /** The client may send and subscribe. */
    void connected();

    /** A message has come on the user channel: its {@code data}. */
    void received(JsonNode data);

    /**
     * The client is refused, or its connection is lost. Called once; not after {@link #close}.
     *
     * @param why one line for people
     */
    void lost(String why);
  }

  private final HttpClient http;
  private final URI endpoint;
  private final String authorization;
  private final boolean webSocket;
  private final Listener listener;
  private final AtomicLong ids = new AtomicLong();
  private final AtomicBoolean ended = new AtomicBoolean();
  private final CompletableFuture<Void> disconnected = new CompletableFuture<>();
  private final StringBuilder partial = new StringBuilder();

  /** Guarded by this. */
  private CompletableFuture<WebSocket> lastSend;

  private volatile String clientId;
  private volatile String bridgeId = "";
  private volatile String userChannel;
  private volatile String root;

  /**
   * Creates a client; {@link #connect} starts it.
   *
   * @param http may be shared by many clients
   * @param endpoint the Bayeux endpoint of the bridge, with {@code http} or {@code https}
   * @param webSocket whether it uses WebSocket; otherwise long polling
   */
  public LightClient(
      HttpClient http,
      URI endpoint,
      String user,
      String password,
      boolean webSocket,
      Listener listener) {
    this.http = http;
    this.endpoint = endpoint;
    this.webSocket = webSocket;
    this.listener = listener;
    this.authorization =
        "Basic "
            + Base64.getEncoder()
                .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  /** Starts to connect; called once. */
  public synchronized void connect() {
    if (webSocket) {
      lastSend =
          http.newWebSocketBuilder()
              .header("Authorization", authorization)
              .buildAsync(URI.create(endpoint.toString().replaceFirst("^http", "ws")), reader());
    }
    handshake();
  }

  private void handshake() {
    ObjectNode handshake = message("/meta/handshake");
    handshake.put("version", "1.0");
    handshake.putArray("supportedConnectionTypes").add(connectionType());
    send(handshake);
  }

  /** The bridge has too many clients at once, and gives this one another time. */
  private void handshakeLater(long millis) {
    CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS)
        .execute(
            () -> {
              if (!ended.get()) {
                handshake();
              }
            });
  }

  private String connectionType() {
    return webSocket ? "websocket" : "long-polling";
  }

  private ObjectNode message(String channel) {
    ObjectNode message = JSON.createObjectNode();
    message.put("channel", channel).put("id", Long.toString(ids.incrementAndGet()));
    if (clientId != null) {
      message.put("clientId", clientId);
    }
    return message;
  }

  /**
   * Sends a message into JMS (protocol section 3).
   *
   * @param properties strings, numbers and booleans
   */
  public void send(String destination, Map<String, ?> properties, Object body) {
    publish("/bridge", Map.of("destination", destination, "properties", properties, "body", body));
  }

  /** Subscribes to a topic; the answer has the correlation id {@code topicSubscribe}. */
  public void subscribe(String topic) {
    control("topicSubscribe", "topics", List.of(topic));
  }

  private void control(String type, String field, Object value) {
    publish("/control", Map.of("type", type, "correlationId", type, field, value));
  }

  private void publish(String channel, Map<String, ?> data) {
    ObjectNode message = message(root + channel);
    message.set("data", JSON.valueToTree(data));
    send(message);
  }

  private void send(ObjectNode message) {
    String text = "[" + message + "]";
    if (webSocket) {
      sendFrame(text);
      return;
    }
    HttpRequest post =
        HttpRequest.newBuilder(endpoint)
            .header("Content-Type", "application/json;charset=UTF-8")
            .header("Authorization", authorization)
            .header("X-Bridge-Id", bridgeId)
            .POST(BodyPublishers.ofString(text))
            .build();
    http.sendAsync(post, BodyHandlers.ofString())
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                lost(reason(failure));
              } else {
                received(answer);
              }
            });
  }

  private synchronized void sendFrame(String text) {
    lastSend = lastSend.thenCompose(open -> open.sendText(text, true));
    lastSend.whenComplete(
        (sent, failure) -> {
          if (failure != null) {
            lost(reason(failure));
          }
        });
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null
        && !(cause instanceof ConnectException || cause instanceof WebSocketHandshakeException)) {
      cause = cause.getCause();
    }
    if (cause instanceof WebSocketHandshakeException refused) {
      return "HTTP status " + refused.getResponse().statusCode();
    }
    return cause instanceof ConnectException ? "cannot connect" : cause.toString();
  }

  private WebSocket.Listener reader() {
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

      @Override
      public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        lost("the WebSocket was closed with code " + code + " " + reason);
        return null;
      }

      @Override
      public void onError(WebSocket from, Throwable failure) {
        lost(reason(failure));
      }
    };
  }

  private void received(HttpResponse<String> answer) {
    if (answer.statusCode() == OK) {
      received(answer.body());
    } else {
      lost("HTTP status " + answer.statusCode());
    }
  }

  private void received(String text) {
    try {
      for (JsonNode message : JSON.readTree(text)) {
        received(message);
      }
    } catch (JsonProcessingException malformed) {
      lost("the answer is not JSON");
    }
  }

  private void received(JsonNode message) {
    String channel = message.path("channel").asText();
    if (channel.equals(userChannel) && message.has("data")) {
      receivedData(message.path("data"));
    } else if (channel.equals("/meta/disconnect")) {
      disconnected.complete(null);
    } else if (message.path("error").asText().equals("503::busy")) {
      handshakeLater(message.path("advice").path("interval").asLong());
    } else if (channel.startsWith("/meta/") && !message.path("successful").asBoolean()) {
      lost(channel + " was refused: " + message.path("error").asText("no reason given"));
    } else if (channel.equals("/meta/handshake")) {
      clientId = message.path("clientId").asText();
      JsonNode bridge = message.path("ext").path("bridge");
      bridgeId = bridge.path("bridgeId").asText();
      userChannel = bridge.path("userChannel").asText();
      int end = userChannel.indexOf("/user/");
      if (end < 0) {
        lost("no bridge answers at " + endpoint);
        return;
      }
      root = userChannel.substring(0, end);
      send(message("/meta/subscribe").put("subscription", userChannel));
    } else if (channel.equals("/meta/subscribe")) {
      poll();
      control("connect", "protocolVersion", "1.1");
    } else if (channel.equals("/meta/connect")) {
      poll();
    }
  }

  private void receivedData(JsonNode data) {
    if (!data.path("correlationId").asText().equals("connect")) {
      listener.received(data);
    } else if (data.path("status").asText().equals("connected")) {
      listener.connected();
    } else {
      lost(data.path("errorCode").asText() + ": " + data.path("errorMessage").asText());
    }
  }

  private void poll() {
    if (!ended.get()) {
      send(message("/meta/connect").put("connectionType", connectionType()));
    }
  }

  private void lost(String why) {
    disconnected.complete(null);
    if (ended.compareAndSet(false, true)) {
      listener.lost(why);
    }
  }

  /**
   * Disconnects.
   *
   * @return completes when the bridge has answered, or the connection is lost; may never complete
   *     if the bridge is silent
   */
  public CompletionStage<Void> disconnect() {
    if (ended.compareAndSet(false, true) && clientId != null) {
      send(message("/meta/disconnect"));
    } else {
      disconnected.complete(null);
    }
    return disconnected;
  }

  /** Drops the connection without a word. */
  @Override
  public void close() {
    ended.set(true);
    if (webSocket) {
      synchronized (this) {
        lastSend.thenAccept(WebSocket::abort);
      }
    }
  }
}
