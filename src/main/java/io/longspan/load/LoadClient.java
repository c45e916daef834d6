package io.longspan.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** One client of a load run: it sends requests, follows the topic, and records what it sees. */
final class LoadClient implements LightClient.Listener {
  private static final String SENT_AT = "loadSentAt";

  private final LoadPlan plan;
  private final LoadFigures figures;
  private final String name;

  /** Called once: the client is ready, or it is refused. */
  private final Runnable whenSettled;

  private final String body;
  private final AtomicLong ids = new AtomicLong();

  /** The times when the open requests were due, in nanoseconds, by correlation id. */
  private final Map<String, Long> open = new ConcurrentHashMap<>();

  private volatile LightClient client;
  private volatile boolean settled;
  private volatile boolean ready;
  private volatile boolean running;

  LoadClient(LoadPlan plan, LoadFigures figures, String name, Runnable whenSettled) {
    this.plan = plan;
    this.figures = figures;
    this.name = name;
    this.whenSettled = whenSettled;
    this.body = "x".repeat(plan.bytes());
  }

  void use(LightClient own) {
    client = own;
  }

  /** Returns whether the client is connected, and subscribed if there is a topic. */
  boolean isReady() {
    return ready;
  }

  /** Returns the number of requests without an answer. */
  int open() {
    return open.size();
  }

  @Override
  public void connected() {
    Optional<String> topic = plan.topic();
    if (topic.isPresent()) {
      client.subscribe(topic.get());
    } else {
      settle(true);
    }
  }

  private void settle(boolean asReady) {
    if (!settled) {
      settled = true;
      ready = asReady;
      if (asReady) {
        figures.connected.increment();
      }
      whenSettled.run();
    }
  }

  @Override
  public void lost(String why) {
    figures.lost(why);
    ready = false;
    settle(false);
  }

  /** Starts to send; each answer is followed by the next request if the plan has no rate. */
  void run() {
    running = true;
    if (plan.destination().isPresent() && plan.rate() == 0) {
      request(System.nanoTime());
    }
  }

  /** Sends no more requests. */
  void stop() {
    running = false;
  }

  /** Counts the requests that are still open as unanswered. */
  void giveUp() {
    open.keySet().forEach(id -> ended(id).ifPresent(due -> figures.failed("not answered")));
  }

  /**
   * Sends a request.
   *
   * @param due when it should be sent, in nanoseconds; the latency counts from then
   */
  void request(long due) {
    String id = name + "-" + ids.incrementAndGet();
    open.put(id, due);
    client.send(plan.destination().orElseThrow(), Map.of("JMSCorrelationID", id), body);
  }

  /** Publishes a message to the topic; parameter as in {@link #request}. */
  void publish(long due) {
    figures.published.increment();
    Map<String, Object> properties = new HashMap<>();
    properties.put(SENT_AT, Long.toString(due));
    client.send(plan.topic().orElseThrow(), properties, body);
  }

  private Optional<Long> ended(String id) {
    return Optional.ofNullable(open.remove(id));
  }

  @Override
  public void received(JsonNode data) {
    JsonNode properties = data.path("properties");
    if (data.path("correlationId").asText().equals("topicSubscribe")) {
      subscribed(data);
    } else if (properties.has(SENT_AT)) {
      figures.delivered(System.nanoTime() - properties.path(SENT_AT).asLong());
    } else if (properties.has("JMSCorrelationID")) {
      answered(properties.path("JMSCorrelationID").asText(), data);
    } else if (data.path("type").asText().equals("gap")) {
      figures.failed("messages of the topic were lost: " + data.path("reason").asText());
    }
  }

  private void subscribed(JsonNode answer) {
    if (!answer.path("status").asText().equals("success")) {
      figures.lost(
          "topicSubscribe was refused: "
              + answer.path("topicErrors").path(0).asText(answer.path("errorMessage").asText()));
      settle(false);
      return;
    }
    settle(true);
  }

  private void answered(String id, JsonNode data) {
    boolean refused = data.path("status").asText().equals("failed");
    ended(id)
        .ifPresent(
            due -> {
              if (refused) {
                figures.failed(data.path("errorCode").asText());
              } else {
                figures.answered(System.nanoTime() - due);
              }
              if (running && !refused && plan.rate() == 0) {
                request(System.nanoTime());
              }
            });
  }
}
