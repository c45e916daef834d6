package io.longspan.bridge;

import io.longspan.catalogue.DurableSubscription;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The durable subscriptions that this bridge has used since its start, for operators. JMS cannot
 * ask a broker for them. At most {@link #MAX} are kept; the one that was used the longest time ago
 * is forgotten first.
 *
 * <p>Called on any thread; never blocks.
 */
final class KnownDurables {
  /** The maximum number of subscriptions that are kept and not in use. */
  static final int MAX = 5000;

  /**
   * A durable subscription.
   *
   * @param topic the logical name
   * @param given the user's name of it
   * @param bridge the bridge that used it last, as far as this one has heard
   * @param since when this bridge heard that the last use began or ended, in milliseconds
   */
  record Known(
      String user,
      String topic,
      String given,
      DurableSubscription subscription,
      String bridge,
      long since) {
    Known at(String other, long now) {
      return new Known(user, topic, given, subscription, other, now);
    }
  }

  /** By key, the last change last. Guarded by this. */
  private final Map<String, Known> byKey = new LinkedHashMap<>();

  /**
   * Adds or replaces a subscription.
   *
   * @param inUse returns whether a key must be kept; must not block
   */
  synchronized void put(String key, Known known, Predicate<String> inUse) {
    byKey.remove(key);
    byKey.put(key, known);
    Iterator<String> oldest = byKey.keySet().iterator();
    while (byKey.size() > MAX && oldest.hasNext()) {
      if (!inUse.test(oldest.next())) {
        oldest.remove();
      }
    }
  }

  /** Records that a bridge uses a subscription, or does not use it any more. */
  synchronized void changed(String key, String bridge, long now) {
    Known known = byKey.remove(key);
    if (known != null) {
      byKey.put(key, known.at(bridge, now));
    }
  }

  synchronized void remove(String key) {
    byKey.remove(key);
  }

  /** Returns a subscription by what its user calls it. */
  synchronized Optional<Known> find(String user, String topic, String given) {
    return byKey.values().stream()
        .filter(known -> known.user().equals(user))
        .filter(known -> known.topic().equals(topic) && known.given().equals(given))
        .findFirst();
  }

  synchronized List<Known> all() {
    return List.copyOf(byKey.values());
  }
}
