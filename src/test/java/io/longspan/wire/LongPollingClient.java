package io.longspan.wire;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** Bayeux over long polling, with the JDK's HTTP client. */
final class LongPollingClient extends RawBayeuxClient {
  private final HttpClient http = HttpClient.newHttpClient();
  private final Set<CompletableFuture<?>> fetching = ConcurrentHashMap.newKeySet();

  LongPollingClient(URI url, String user, String password) {
    super(url, user, password);
  }

  @Override
  public String connectionType() {
    return "long-polling";
  }

  @Override
  void transmit(List<Map<String, Object>> messages) {
    CompletableFuture<HttpResponse<String>> response = postAsync(body(messages));
    fetching.add(response);
    response.whenComplete(
        (r, failure) -> {
          fetching.remove(response);
          if (failure != null) {
            fail(failure);
          } else if (r.statusCode() == 200) {
            dispatch(r.body());
          } else {
            fail(new IOException("HTTP " + r.statusCode()));
          }
        });
  }

  /** Posts a body and returns the whole HTTP response. */
  HttpResponse<String> post(String body) {
    return await(postAsync(body));
  }

  private CompletableFuture<HttpResponse<String>> postAsync(String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .header("Content-Type", "application/json;charset=UTF-8")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    if (cookie != null) {
      request.header("Cookie", cookie);
    }
    if (bridgeId() != null) {
      request.header("X-Bridge-Id", bridgeId());
    }
    return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  static String body(List<Map<String, Object>> messages) {
    try {
      String text = JSON.writeValueAsString(messages);
      // Half of a surrogate pair can be sent only as an escape.
      return StandardCharsets.UTF_8.newEncoder().canEncode(text)
          ? text
          : JSON.writer().with(JsonGenerator.Feature.ESCAPE_NON_ASCII).writeValueAsString(messages);
    } catch (JsonProcessingException x) {
      throw new IllegalArgumentException(x);
    }
  }

  @Override
  void cut() {
    closed = true;
    stopPolling();
    fetching.forEach(response -> response.cancel(true));
  }
}
