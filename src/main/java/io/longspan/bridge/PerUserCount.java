package io.longspan.bridge;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Counts per user. A user with a count of zero takes no memory. Safe for use by many threads. */
final class PerUserCount {
  private final ConcurrentMap<String, Integer> counts = new ConcurrentHashMap<>();

  /** Adds one, unless the limit is reached. Returns whether it was added. */
  boolean increment(String user, int limit) {
    boolean[] counted = new boolean[1];
    counts.compute(
        user,
        (name, count) -> {
          int now = count == null ? 0 : count;
          counted[0] = now < limit;
          return counted[0] ? Integer.valueOf(now + 1) : count;
        });
    return counted[0];
  }

  void decrement(String user) {
    counts.computeIfPresent(user, (name, count) -> count == 1 ? null : count - 1);
  }

  int of(String user) {
    return counts.getOrDefault(user, 0);
  }

  int total() {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }
}
