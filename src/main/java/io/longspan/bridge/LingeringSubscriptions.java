package io.longspan.bridge;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The JMS subscriptions without subscribers, by the user who left last, the oldest first. A
 * subscription in here may have subscribers again.
 *
 * <p>Safe for use by many threads; the lock is held for map operations only.
 */
final class LingeringSubscriptions {
  /** Guarded by this, like the other map. */
  private final Map<SharedSubscription, String> users = new LinkedHashMap<>();

  private final Map<String, Set<SharedSubscription>> byUser = new HashMap<>();

  synchronized void add(SharedSubscription subscription, String user) {
    remove(subscription);
    users.put(subscription, user);
    byUser.computeIfAbsent(user, u -> new LinkedHashSet<>()).add(subscription);
  }

  synchronized void remove(SharedSubscription subscription) {
    String user = users.remove(subscription);
    if (user != null) {
      byUser.computeIfPresent(
          user,
          (u, its) -> {
            its.remove(subscription);
            return its.isEmpty() ? null : its;
          });
    }
  }

  /** Returns a copy: all subscriptions, the oldest first. */
  synchronized List<SharedSubscription> oldestFirst() {
    return List.copyOf(users.keySet());
  }

  /** Returns a copy: the subscriptions of one user, the oldest first. */
  synchronized List<SharedSubscription> oldestFirst(String user) {
    return List.copyOf(byUser.getOrDefault(user, Set.of()));
  }

  /** Returns the oldest subscription of a user, if the user has more than a number of them. */
  synchronized Optional<SharedSubscription> oldestBeyond(String user, int most) {
    Set<SharedSubscription> its = byUser.getOrDefault(user, Set.of());
    return its.size() > most ? its.stream().findFirst() : Optional.empty();
  }
}
