package io.longspan.bridge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The requests of one session that wait for an answer, by correlation id. Bounded; a request whose
 * time is over makes room. Its lock is held for a map operation only.
 */
final class RequestsInFlight {
  /** How long a request without a time to live is remembered, in milliseconds. */
  static final long WITHOUT_TIME_TO_LIVE = 300_000;

  private final int capacity;
  private final Map<String, Long> deadlines = new HashMap<>(4);

  RequestsInFlight(int capacity) {
    this.capacity = capacity;
  }

  /**
   * Remembers a request.
   *
   * @param timeToLive milliseconds; 0 is without end
   * @param now milliseconds of the bridge's ticker
   * @return whether there was room
   */
  synchronized boolean add(String correlationId, long timeToLive, long now) {
    if (deadlines.size() >= capacity && !deadlines.containsKey(correlationId)) {
      deadlines.values().removeIf(deadline -> deadline - now < 0);
      if (deadlines.size() >= capacity) {
        return false;
      }
    }
    long age = timeToLive == 0 ? WITHOUT_TIME_TO_LIVE : timeToLive;
    deadlines.put(correlationId, now + age);
    return true;
  }

  /** Forgets a request; returns whether it was known. */
  synchronized boolean remove(String correlationId) {
    return deadlines.remove(correlationId) != null;
  }

  synchronized boolean contains(String correlationId) {
    return deadlines.containsKey(correlationId);
  }

  /** Forgets all requests and returns their correlation ids, in no order. */
  synchronized List<String> removeAll() {
    List<String> all = new ArrayList<>(deadlines.keySet());
    deadlines.clear();
    return all;
  }

  synchronized int size() {
    return deadlines.size();
  }
}
