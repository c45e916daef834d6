package io.longspan.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.longspan.load.LightClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A client that calls services in turn, again and again, over long polling. Errors end it silently.
 */
final class WarmUpClient implements LightClient.Listener, AutoCloseable {
  private static final int IN_FLIGHT = 8;
  private static final Map<String, Object> BODY =
      Map.of("text", "warm-up", "list", List.of(1, 2.5, true));

  private final LightClient client;
  private final String topic;
  private final AtomicLong answers = new AtomicLong();
  private final List<String> services;
  private final AtomicLong ids = new AtomicLong();
  private volatile boolean closed;
  private volatile boolean lost;

  /**
   * Starts to connect; returns at once.
   *
   * @param number tells the client from others
   * @param services what it calls: each of them answers with an echo
   */
  WarmUpClient(URI endpoint, String user, String password, int number, List<String> services) {
    this.services = services;
    topic = "topics/" + number;
    client = new LightClient(HttpClient.newHttpClient(), endpoint, user, password, false, this);
    client.connect();
  }

  /** Returns the number of answers so far. */
  long answers() {
    return answers.get();
  }

  /** Sends no more requests. */
  void finish() {
    closed = true;
  }

  /** Returns whether no answer is expected any more. */
  boolean isDone() {
    return lost || closed && answers.get() == ids.get();
  }

  @Override
  public void connected() {
    client.subscribe(topic);
    for (int i = 0; i < IN_FLIGHT; i++) {
      request();
    }
  }

  @Override
  public void received(JsonNode data) {
    if (!data.path("properties").has("JMSCorrelationID")) {
      return;
    }
    long count = answers.incrementAndGet();
    if (closed) {
      return;
    }
    if (count % IN_FLIGHT == 0) {
      client.send(topic, Map.of("n", 1), BODY);
    }
    request();
  }

  private void request() {
    long id = ids.incrementAndGet();
    client.send(
        services.get((int) (id % services.size())),
        Map.of("JMSCorrelationID", "r-" + id, "n", 5),
        BODY);
  }

  @Override
  public void lost(String why) {
    lost = true;
  }

  @Override
  public void close() {
    closed = true;
    client.close();
  }
}
