package io.longspan.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
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
      connection.subscribe();
      connection.connectToJms();
      return connection;
    } catch (IOException | InterruptedException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  private void handshake() throws IOException, InterruptedException {
    ObjectNode message = message("/meta/handshake");
    message.put("version", "1.0");
    message.put("minimumVersion", "1.0");
    message.putArray("supportedConnectionTypes").add("long-polling");
    JsonNode reply = send(message);
    clientId = reply.path("clientId").asText();
    JsonNode bridge = reply.path("ext").path("bridge");
    userChannel = bridge.path("userChannel").asText();
    int end = userChannel.indexOf("/user/");
    if (clientId.isEmpty() || end < 0) {
      throw new IOException("no bridge answers at " + endpoint);
    }
    root = userChannel.substring(0, end);
    bridgeId = bridge.path("bridgeId").asText();
  }

  private void subscribe() throws IOException, InterruptedException {
    ObjectNode message = message("/meta/subscribe");
    message.put("subscription", userChannel);
    send(message);
  }

  private void connectToJms() throws IOException, InterruptedException {
    String correlationId = clientId + "-connect";
    ObjectNode message = message(root + "/control");
    ObjectNode data = message.putObject("data");
    data.put("type", "connect");
    data.put("protocolVersion", "1.1");
    data.put("correlationId", correlationId);
    send(message);
    JsonNode answer = await(correlationId, HTTP_TIMEOUT);
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
    String correlationId = clientId + "-" + (lastId + 1);
    ObjectNode message = message(root + "/bridge");
    ObjectNode data = message.putObject("data");
    data.put("destination", destination);
    ObjectNode all = data.putObject("properties");
    properties.forEach((name, value) -> all.set(name, json.valueToTree(value)));
    all.put("JMSCorrelationID", correlationId);
    all.put("timeToLive", timeout.toMillis());
    data.put("body", body);
    send(message);
    JsonNode answer = await(correlationId, timeout);
    if (answer.path("status").asText().equals("failed")) {
      throw refused(answer);
    }
    return new Answer(answer.path("properties"), answer.path("body").asText());
  }

  private JsonNode await(String correlationId, Duration timeout)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      JsonNode answer = answers.remove(correlationId);
      if (answer != null) {
        return answer;
      }
      long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      if (left <= 0) {
        throw new IOException("no answer within " + timeout.toSeconds() + " s");
      }
      ObjectNode poll = message("/meta/connect");
      poll.put("connectionType", "long-polling");
      poll.putObject("advice").put("timeout", Math.min(left, 20_000));
      send(poll);
    }
  }

  private static IOException refused(JsonNode answer) {
    return new IOException(
        answer.path("errorCode").asText() + ": " + answer.path("errorMessage").asText());
  }

  private ObjectNode message(String channel) {
    ObjectNode message = json.createObjectNode();
    message.put("id", Long.toString(++lastId));
    message.put("channel", channel);
    if (clientId != null) {
      message.put("clientId", clientId);
    }
    return message;
  }

  /** Sends one message and returns its reply; stores answers that arrive with it. */
  private JsonNode send(ObjectNode message) throws IOException, InterruptedException {
    ArrayNode batch = json.createArrayNode().add(message);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(endpoint)
            .timeout(HTTP_TIMEOUT)
            .header("Content-Type", "application/json;charset=UTF-8")
            .header("Authorization", credentials)
            .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(batch)));
    if (bridgeId != null) {
      request.header("X-Bridge-Id", bridgeId);
    }
    String correlationId = correlationId(message);
    if (!correlationId.isEmpty()) {
      request.header("X-Correlation-Id", correlationId);
    }
    return reply(message.path("id").asText(), exchange(request.build()));
  }

  private static String correlationId(JsonNode message) {
    JsonNode data = message.path("data");
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
      throw new IOException("no bridge answers at " + endpoint, e);
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
      throw new IOException("no bridge answers at " + endpoint, e);
    }
    JsonNode reply = null;
    for (JsonNode message : messages) {
      if (message.path("channel").asText().equals(userChannel) && message.has("data")) {
        keep(message.path("data"));
      } else if (message.path("id").asText().equals(id)) {
        reply = message;
      }
    }
    if (reply == null) {
      throw new IOException("no bridge answers at " + endpoint);
    }
    if (!reply.path("successful").asBoolean()) {
      throw new IOException("the bridge refuses: " + reply.path("error").asText("no reason given"));
    }
    return reply;
  }

  private void keep(JsonNode data) {
    JsonNode properties = data.path("properties");
    boolean topicMessage = properties.path("type").asText().equals("topicMessage");
    String correlationId =
        properties.path("JMSCorrelationID").asText(data.path("correlationId").asText());
    if (!topicMessage && !correlationId.isEmpty()) {
      answers.put(correlationId, data);
    }
  }

  /** Disconnects. If the bridge is unreachable, it will end the session itself. */
  @Override
  public void close() {
    if (clientId == null || clientId.isEmpty()) {
      return;
    }
    try {
      send(message("/meta/disconnect"));
    } catch (IOException e) {
      // The session ends in either case.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    clientId = null;
  }
}
