package io.longspan.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;

/** Long polling: each send is an HTTP request, and its response has the replies. */
final class PollingTransport implements Transport {
  private static final int OK = 200;
  private static final int SHOWN = 200;

  /** Within this time a request fails that was sent on a connection already closed. */
  private static final Duration CLOSED_WITHIN = Duration.ofSeconds(2);

  private final Settings settings;
  private final Loop loop;
  private final Supplier<Map<String, String>> headers;
  private final Listener listener;
  private final Set<CompletableFuture<?>> open = new HashSet<>();

  PollingTransport(
      Settings settings, Loop loop, Supplier<Map<String, String>> headers, Listener listener) {
    this.settings = settings;
    this.loop = loop;
    this.headers = headers;
    this.listener = listener;
  }

  @Override
  public String name() {
    return LONG_POLLING;
  }

  @Override
  public void send(List<Map<String, Object>> messages, long millis, Consumer<Failure> done) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(settings.endpoint())
            .timeout(Duration.ofMillis(millis))
            .header("Content-Type", "application/json;charset=UTF-8")
            .POST(BodyPublishers.ofString(Json.write(messages)));
    headers.get().forEach(request::setHeader);
    correlationId(messages).forEach(id -> request.setHeader("X-Correlation-Id", id));
    exchange(
        request.build(),
        false,
        (answer, failure, repeated) ->
            done.accept(
                failure == null ? read(answer, messages, repeated) : failed(failure, repeated)));
  }

  /** Receives the one outcome of a request; answer or failure is null. */
  @FunctionalInterface
  private interface Exchanged {
    void accept(HttpResponse<String> answer, Throwable failure, boolean repeated);
  }

  /**
   * Sends a request. Repeats it once if its connection was closed at that moment, for example by a
   * proxy that is reloaded: the bridge recognises the repetition (protocol section 20).
   */
  private void exchange(HttpRequest request, boolean repeated, Exchanged done) {
    long began = System.nanoTime();
    CompletableFuture<HttpResponse<String>> response =
        settings.http().sendAsync(request, BodyHandlers.ofString());
    open.add(response);
    response.whenCompleteAsync(
        (answer, failure) -> {
          open.remove(response);
          if (!repeated && isClosed(failure, System.nanoTime() - began)) {
            exchange(request, true, done);
          } else {
            done.accept(answer, failure, repeated);
          }
        },
        loop);
  }

  private static boolean isClosed(Throwable failure, long nanos) {
    Throwable cause = failure instanceof CompletionException x ? x.getCause() : failure;
    return cause instanceof IOException
        && !(cause instanceof ConnectException)
        && !(cause instanceof HttpTimeoutException)
        && !(cause instanceof SSLException)
        && nanos < CLOSED_WITHIN.toNanos();
  }

  private Failure read(
      HttpResponse<String> response, List<Map<String, Object>> messages, boolean repeated) {
    if (response.statusCode() != OK) {
      String body = response.body();
      String shown = body.substring(0, Math.min(SHOWN, body.length()));
      // A proxy that answers in place of the bridge says nothing about the user.
      boolean own = response.headers().firstValue(BRIDGE_ID).isPresent();
      return new Failure(
          "HTTP status " + response.statusCode() + " " + shown,
          true,
          own ? response.statusCode() : 0);
    }
    try {
      List<Map<String, Object>> received = Transport.parse(response.body());
      if (repeated) {
        received.forEach(message -> message.put(REPEATED, true));
      }
      listener.received(received);
      Set<Object> replied = new HashSet<>();
      received.stream().filter(Transport::isReply).forEach(m -> replied.add(m.get("id")));
      boolean all = messages.stream().allMatch(m -> replied.contains(m.get("id")));
      return all ? null : new Failure("No reply in the response", true, 0);
    } catch (IOException x) {
      return new Failure("The response is not Bayeux: " + x.getMessage(), true, 0);
    }
  }

  private static Failure failed(Throwable failure, boolean repeated) {
    Throwable cause = failure instanceof CompletionException x ? x.getCause() : failure;
    if (cause instanceof HttpTimeoutException) {
      return new Failure("No reply in time", true, 0);
    }
    boolean written = repeated || !(cause instanceof ConnectException);
    return new Failure(Transport.reason(failure), written, 0);
  }

  /** Returns the correlation id, if the messages have exactly one (protocol section 7). */
  private static List<String> correlationId(List<Map<String, Object>> messages) {
    List<String> ids = new ArrayList<>();
    for (Map<String, Object> message : messages) {
      Map<String, Object> data = Json.object(message, "data");
      String id = Json.text(data, "correlationId");
      if (id == null) {
        id = Json.text(Json.object(data, "properties"), "JMSCorrelationID");
      }
      if (id != null) {
        ids.add(id);
      }
    }
    // Header values are visible ASCII, but an application's id may contain any character.
    boolean plain = ids.size() == 1 && ids.get(0).chars().allMatch(c -> c > ' ' && c <= '~');
    return plain ? ids : List.of();
  }

  @Override
  public void close() {
    List.copyOf(open).forEach(each -> each.cancel(true));
  }
}
