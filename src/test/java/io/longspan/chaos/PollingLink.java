package io.longspan.chaos;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Long polling: each message is a request of its own. */
final class PollingLink implements BayeuxLink {
  private final HttpClient http;
  private final URI url;
  private final String user;
  private final Supplier<Optional<String>> bridgeId;
  private final Listener listener;
  private final Set<CompletableFuture<?>> fetching = ConcurrentHashMap.newKeySet();

  /**
   * Connects when it sends.
   *
   * @param bridgeId the bridge that has the session, as soon as there is one
   */
  PollingLink(
      HttpClient http,
      URI url,
      String user,
      Supplier<Optional<String>> bridgeId,
      Listener listener) {
    this.http = http;
    this.url = url;
    this.user = user;
    this.bridgeId = bridgeId;
    this.listener = listener;
  }

  @Override
  public void send(Map<String, Object> message) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url)
            .header("Content-Type", "application/json;charset=UTF-8")
            .header("Authorization", BayeuxLink.authorization(user))
            .POST(HttpRequest.BodyPublishers.ofString(Json.write(message)));
    bridgeId.get().ifPresent(id -> request.header("X-Bridge-Id", id));
    CompletableFuture<HttpResponse<String>> response =
        http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    fetching.add(response);
    response.whenComplete(
        (r, failure) -> {
          fetching.remove(response);
          if (failure != null) {
            listener.lost(failure.toString());
          } else if (r.statusCode() == 200) {
            listener.received(Json.read(r.body()));
          } else {
            listener.lost("HTTP " + r.statusCode());
          }
        });
  }

  @Override
  public void read(boolean wanted) {
    // What is not polled for is not sent.
  }

  @Override
  public void abort() {
    fetching.forEach(response -> response.cancel(true));
  }
}
