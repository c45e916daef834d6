package io.longspan.server.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;

/** The operator endpoints of a running bridge ({@code docs/operations.md}). Calls block. */
final class OperatorEndpoints {
  private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(10);

  /** Longer than the bridge takes to delete a durable subscription. */
  private static final Duration PATIENCE = Duration.ofSeconds(70);

  /** What the bridge refused, in one line. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message.replaceAll("\\p{Cntrl}+", " "));
    }
  }

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_PATIENCE)
          .build();
  private final ObjectMapper json = new ObjectMapper();
  private final String url;
  private final Optional<String> bridge;
  private final String authorization;

  private OperatorEndpoints(String url, Optional<String> bridge, String authorization) {
    this.url = url;
    this.bridge = bridge;
    this.authorization = authorization;
  }

  /**
   * Returns the endpoints of a bridge.
   *
   * @param bridge the id of one of several bridges behind a load balancer
   * @throws IllegalArgumentException if the URL is not one of http or https
   */
  static OperatorEndpoints of(String url, Optional<String> bridge, String user, String password) {
    URI parsed = URI.create(url);
    if (parsed.getHost() == null || !parsed.getScheme().matches("https?")) {
      throw new IllegalArgumentException(url);
    }
    byte[] account = (user + ':' + password).getBytes(StandardCharsets.UTF_8);
    return new OperatorEndpoints(
        url.replaceFirst("/+$", "") + "/admin/",
        bridge,
        "Basic " + Base64.getEncoder().encodeToString(account));
  }

  /**
   * Reads a page of a list.
   *
   * @param user lists only what belongs to this user; empty for all users
   */
  JsonNode get(String path, String user, int offset, int limit)
      throws Refused, IOException, InterruptedException {
    String query = "?user=%s&offset=%d&limit=%d";
    String encoded = URLEncoder.encode(user, StandardCharsets.UTF_8);
    return send(request(path + query.formatted(encoded, offset, limit)).GET());
  }

  /** Makes a change. */
  JsonNode post(String path, JsonNode command) throws Refused, IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .header("X-Longspan-Operator", "1")
            .POST(BodyPublishers.ofString(command.toString())));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(PATIENCE)
            .header("Authorization", authorization);
    bridge.ifPresent(id -> request.header("X-Bridge-Id", id));
    return request;
  }

  private JsonNode send(HttpRequest.Builder request)
      throws Refused, IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
    JsonNode body;
    try {
      body = json.readTree(answer.body());
    } catch (JsonProcessingException noJson) {
      body = json.missingNode();
    }
    if (answer.statusCode() != 200 || !body.isObject()) {
      throw new Refused(
          "the bridge answered %d: %s"
              .formatted(
                  answer.statusCode(),
                  body.path("errorMessage").asText("is this the URL of a bridge?")));
    }
    return body;
  }
}
