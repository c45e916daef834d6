package io.longspan.chaos;

import static io.longspan.wire.RawBayeuxClient.message;

import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * What a {@link QueueWorker} consumes, and how.
 *
 * @param subscription the fields of the control message by which it begins
 * @param maxPrefetch the highest prefetch that it asks for; 0: it asks for none
 * @param rejects whether it may reject messages
 * @param awayMillis the longest time for which it stays away
 */
record Workload(
    Map<String, Object> subscription, int maxPrefetch, boolean rejects, int awayMillis) {
  static Workload queue(String queue) {
    return new Workload(message("type", "queueSubscribe", "queue", queue), 5, true, 1000);
  }

  /** A durable subscription, which one client at a time has. */
  static Workload durable(String topic, String name) {
    return new Workload(
        message("type", "topicSubscribe", "topics", List.of(topic), "durable", name),
        0,
        false,
        12_000);
  }

  Map<String, Object> subscribe(Random random) {
    Map<String, Object> subscribe = message();
    subscribe.putAll(subscription);
    if (maxPrefetch > 0) {
      subscribe.put("prefetch", 1 + random.nextInt(maxPrefetch));
    }
    return subscribe;
  }

  boolean isDurable() {
    return subscription.containsKey("durable");
  }
}
