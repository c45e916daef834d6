package io.longspan.bridge;

import io.longspan.bridge.TopicSubscriptions.Key;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Limits what the selectors of clients cost the broker, for each topic and for each user of a
 * topic. Each distinct selector of a topic is a JMS consumer. The broker evaluates it for every
 * message of the topic, also for messages that no client gets.
 *
 * <p>A lingering consumer counts for its last user. Patterns can overlap in many ways, so all
 * patterns with the same first segment count as one topic.
 *
 * <p>Called on any thread; never blocks. The lock is held for map operations only.
 */
final class SelectorBudget {
  /** The maximum total cost of the selectors of one topic, in comparisons for each message. */
  static final int MAX_PER_TOPIC = 5000;

  /**
   * The maximum total cost of the selectors of one user on one topic, in comparisons for each
   * message.
   */
  static final int MAX_PER_USER = 1000;

  private record UserOfTopic(String user, String topic) {}

  /**
   * A selector of a topic, with its subscriptions by user. While it lingers, the set of its last
   * user is empty.
   */
  private static final class Holding {
    private final String topic;
    private final int cost;
    private final Map<String, Set<ClientSubscription>> users = new HashMap<>(2);

    Holding(String topic, int cost) {
      this.topic = topic;
      this.cost = cost;
    }
  }

  private final Map<Key, Holding> holdings = new HashMap<>();
  private final Map<String, Integer> costByTopic = new HashMap<>();
  private final Map<UserOfTopic, Integer> costByUser = new HashMap<>();

  /**
   * Charges a subscription that is about to join. A subscription without a selector is free.
   *
   * @param cost the cost of the selector, in comparisons
   * @throws BridgeException {@code limitExceeded}; nothing is charged then
   */
  synchronized void charge(ClientSubscription subscription, int cost) {
    Key key = subscription.key();
    if (key.selector().isEmpty()) {
      return;
    }
    String user = subscription.identity().user();
    Holding held = holdings.get(key);
    if (held == null || !held.users.containsKey(user)) {
      held = chargeUser(key, user, held, cost);
    }
    held.users.get(user).add(subscription);
  }

  private Holding chargeUser(Key key, String user, Holding present, int cost) {
    Holding held = present == null ? new Holding(topicOf(key), cost) : present;
    UserOfTopic owner = new UserOfTopic(user, held.topic);
    if (costByUser.getOrDefault(owner, 0) + held.cost > MAX_PER_USER) {
      throw BridgeException.limitExceeded(
          "your selectors on this topic cost more than %d comparisons for each message"
              .formatted(MAX_PER_USER));
    }
    if (present == null) {
      if (costByTopic.getOrDefault(held.topic, 0) + cost > MAX_PER_TOPIC) {
        throw BridgeException.limitExceeded(
            "the selectors on this topic cost more than %d comparisons for each message"
                .formatted(MAX_PER_TOPIC));
      }
      costByTopic.merge(held.topic, cost, Integer::sum);
      holdings.put(key, held);
    } else {
      releaseLingering(held);
    }
    costByUser.merge(owner, held.cost, Integer::sum);
    held.users.put(user, new HashSet<>(2));
    return held;
  }

  private static String topicOf(Key key) {
    DestinationName name = key.grant().name();
    return name.pattern() ? name.segments().get(0) + "/*" : name.value();
  }

  /**
   * Removes a subscription. The last one of a selector stays charged to its user until {@link
   * #closed}, or until another user joins. Idempotent.
   */
  synchronized void left(ClientSubscription subscription) {
    Holding held = holdings.get(subscription.key());
    String user = subscription.identity().user();
    if (held == null || !held.users.containsKey(user)) {
      return;
    }
    Set<ClientSubscription> own = held.users.get(user);
    if (own.remove(subscription) && own.isEmpty() && held.users.size() > 1) {
      release(held, user);
      held.users.remove(user);
    }
  }

  /** Releases the selector of a consumer that was closed. */
  synchronized void closed(Key key) {
    Holding held = holdings.get(key);
    if (held == null) {
      return;
    }
    releaseLingering(held);
    if (held.users.isEmpty()) {
      holdings.remove(key);
      subtract(costByTopic, held.topic, held.cost);
    }
  }

  private void releaseLingering(Holding held) {
    held.users
        .entrySet()
        .removeIf(
            user -> {
              boolean lingers = user.getValue().isEmpty();
              if (lingers) {
                release(held, user.getKey());
              }
              return lingers;
            });
  }

  private void release(Holding held, String user) {
    subtract(costByUser, new UserOfTopic(user, held.topic), held.cost);
  }

  private static <K> void subtract(Map<K, Integer> costs, K key, int cost) {
    costs.computeIfPresent(key, (k, used) -> used == cost ? null : used - cost);
  }

  /** Returns whether nothing is charged. */
  synchronized boolean isEmpty() {
    return holdings.isEmpty() && costByTopic.isEmpty() && costByUser.isEmpty();
  }
}
