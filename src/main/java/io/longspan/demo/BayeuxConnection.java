package io.longspan.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A minimal Bayeux long-polling client: it sends a request and polls until the answer arrives. Used
 * by one thread; each call blocks.
 */
final class BayeuxConnection implements AutoCloseable {

  private static final Duration HTTP_TIMEOUT = Duration.ofSeconds(60);

  private final HttpClient http;
  private final ObjectMapper json = new ObjectMapper();
  private final URI endpoint;
  private final String credentials;

  /** Answers that arrived before they were awaited, by correlation id. */
  private final Map<String, JsonNode> answers = new HashMap<>();

  private long lastId;
  private String clientId;
  private String bridgeId;
  private String userChannel;
  private String root;

  private BayeuxConnection(URI endpoint, String user, String password) {
    this.endpoint = endpoint;
    this.credentials =
        "Basic "
            + Base64.getEncoder()
                .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .cookieHandler(new CookieManager())
            .connectTimeout(Duration.ofSeconds(10))
            .build();
  }

  /** Answer of a service: properties and body of its message. */
  record Answer(JsonNode properties, String body) {}

  /**
   * Handshakes, subscribes to the user channel and connects.
   *
   * @param url URL of the bridge with its context path, for example {@code http://127.0.0.1:8080}
   * @throws IOException if the bridge is unreachable or rejects the client; the message says why
   */
  static BayeuxConnection open(String url, String user, String password)
      throws IOException, InterruptedException {
    String base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    URI endpoint;
    try {
      endpoint = URI.create(base + "/cometd");
      HttpRequest.newBuilder(endpoint);
    } catch (IllegalArgumentException e) {
      throw new IOException("not a URL of a bridge: " + url, e);
    }
    BayeuxConnection connection = new BayeuxConnection(endpoint, user, password);
    try {
      connection.handshake();
      connection.send("/meta/subscribe", Map.of("subscription", connection.userChannel));
      connection.connectToJms();
      return connection;
    } catch (IOException | InterruptedException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private void handshake() throws IOException, InterruptedException {
    JsonNode reply =
        send(
            "/meta/handshake",
            Map.of("version", "1.0", "supportedConnectionTypes", List.of("long-polling")));
    JsonNode bridge = reply.path("ext").path("bridge");
    userChannel = bridge.path("userChannel").asText();
    int end = userChannel.indexOf("/user/");
    if (end < 0 || !reply.has("clientId")) {
      throw noBridge(null);
    }
    clientId = reply.path("clientId").asText();
    root = userChannel.substring(0, end);
    bridgeId = bridge.path("bridgeId").asText();
  }

  private void connectToJms() throws IOException, InterruptedException {
    String correlationId = clientId + "-connect";
    JsonNode answer =
        ask(
            root + "/control",
            correlationId,
            Map.of("type", "connect", "protocolVersion", "1.1", "correlationId", correlationId),
            HTTP_TIMEOUT);
    if (!answer.path("status").asText().equals("connected")) {
      throw refused(answer);
    }
  }

  /**
   * Sends a text to a service and waits for its answer.
   *
   * @param properties strings, booleans and numbers, without a correlation id
   * @param timeout how long to wait, and the time to live of the message
   * @throws IOException if no answer arrives in time, or the bridge rejects the message
   */
  Answer request(String destination, Map<String, ?> properties, String body, Duration timeout)
      throws IOException, InterruptedException {
    String correlationId = clientId + "-" + lastId;
    Map<String, Object> all = new HashMap<>(properties);
    all.put("JMSCorrelationID", correlationId);
    all.put("timeToLive", timeout.toMillis());
    JsonNode answer =
        ask(
            root + "/bridge",
            correlationId,
            Map.of("destination", destination, "properties", all, "body", body),
            timeout);
    if (answer.path("status").asText().equals("failed")) {
      throw refused(answer);
    }
    return new Answer(answer.path("properties"), answer.path("body").asText());
  }

  /** Sends a message and polls until its answer arrives. */
  private JsonNode ask(String channel, String correlationId, Map<String, ?> data, Duration timeout)
      throws IOException, InterruptedException {
    send(channel, Map.of("data", data));
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!answers.containsKey(correlationId)) {
      long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      if (left <= 0) {
        throw new IOException("no answer within " + timeout.toSeconds() + " s");
      }
      Map<String, Long> advice = Map.of("timeout", Math.min(left, 20_000));
      send("/meta/connect", Map.of("connectionType", "long-polling", "advice", advice));
    }
    return answers.remove(correlationId);
  }

  private static IOException refused(JsonNode answer) {
    return new IOException(
        answer.path("errorCode").asText() + ": " + answer.path("errorMessage").asText());
  }

  private IOException noBridge(Exception cause) {
    return new IOException("no bridge answers at " + endpoint, cause);
  }

  /** Sends one message and returns its reply; stores answers that arrive with it. */
  private JsonNode send(String channel, Map<String, ?> fields)
      throws IOException, InterruptedException {
    String id = Long.toString(++lastId);
    ObjectNode message = json.valueToTree(fields);
    message.put("id", id).put("channel", channel);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(endpoint)
            .timeout(HTTP_TIMEOUT)
            .header("Content-Type", "application/json;charset=UTF-8")
            .header("Authorization", credentials);
    if (clientId != null) {
      message.put("clientId", clientId);
      request.header("X-Bridge-Id", bridgeId);
    }
    String correlationId = correlationId(message.path("data"));
    if (!correlationId.isEmpty()) {
      request.header("X-Correlation-Id", correlationId);
    }
    request.POST(HttpRequest.BodyPublishers.ofString("[" + message + "]"));
    return reply(id, exchange(request.build()));
  }

  private static String correlationId(JsonNode data) {
    return data.path("properties")
        .path("JMSCorrelationID")
        .asText(data.path("correlationId").asText());
  }

  private HttpResponse<byte[]> exchange(HttpRequest request)
      throws IOException, InterruptedException {
    HttpResponse<byte[]> response;
    try {
      response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (ConnectException e) {
      throw noBridge(e);
    }
    return switch (response.statusCode()) {
      case 200 -> response;
      case 401, 403 -> throw new IOException("the bridge refuses this user name and password");
      case 413 -> throw new IOException("the message is larger than the bridge takes");
      default ->
          throw new IOException("HTTP status " + response.statusCode() + " from " + endpoint);
    };
  }

  private JsonNode reply(String id, HttpResponse<byte[]> response) throws IOException {
    JsonNode messages;
    try {
      messages = json.readTree(response.body());
    } catch (JsonProcessingException e) {
      throw noBridge(e);
    }
    JsonNode reply = null;
    for (JsonNode message : messages) {
      JsonNode data = message.path("data");
      if (message.path("channel").asText().equals(userChannel) && data.isObject()) {
        answers.put(correlationId(data), data);
      } else if (message.path("id").asText().equals(id)) {
        reply = message;
      }
    }
    if (reply == null) {
      throw noBridge(null);
    }
    if (!reply.path("successful").asBoolean()) {
      throw new IOException("the bridge refuses: " + reply.path("error").asText("no reason given"));
    }
    return reply;
  }

  /** Disconnects. If the bridge is unreachable, it will end the session itself. */
  @Override
  public void close() {
    if (clientId == null) {
      return;
    }
    try {
      send("/meta/disconnect", Map.of());
    } catch (IOException e) {
      // The session ends in either case.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    clientId = null;
  }
}
