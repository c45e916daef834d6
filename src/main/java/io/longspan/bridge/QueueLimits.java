package io.longspan.bridge;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import io.longspan.protocol.BridgeException;
import java.util.HashMap;
import java.util.Map;

/**
 * Limits the subscriptions to queues, or the durable subscriptions in use: in total, for each
 * catalogue entry, for each user of an entry, and the cost of their selectors. Each subscription is
 * also charged to its user's memory.
 *
 * <p>Called on any thread; never blocks. The lock is held for map operations and charges only.
 */
final class QueueLimits {
  /**
   * Estimated heap of a subscription in the bridge and in the JMS client, without the messages that
   * it holds, in bytes.
   */
  private static final long SUBSCRIPTION_BYTES = 4096;

  /** The same of a durable subscription, which may have a connection of its own. */
  private static final long DURABLE_BYTES = 64 << 10;

  /** The part of all durable subscriptions that one user may use, and the least number. */
  private static final int USER_PART = 4;

  private static final int USER_MIN = 10;

  private record Charged(Object entry, String user, String queue, int cost, Account account) {}

  private record UserOf(Object what, String user) {}

  private final String key;
  private final int max;
  private final int maxOfUser;
  private final long bytes;
  private final Map<QueueSubscription, Charged> charged = new HashMap<>();
  private final Map<Object, Integer> byEntry = new HashMap<>();
  private final Map<UserOf, Integer> byUser = new HashMap<>();
  private final Map<String, Integer> costByQueue = new HashMap<>();
  private final Map<UserOf, Integer> costByUser = new HashMap<>();

  private QueueLimits(String key, int max, int maxOfUser, long bytes) {
    this.key = key;
    this.max = max;
    this.maxOfUser = maxOfUser;
    this.bytes = bytes;
  }

  /**
   * Returns limits of subscriptions to queues.
   *
   * @param max {@code limits.queueConsumers}
   */
  static QueueLimits ofQueues(int max) {
    return new QueueLimits("limits.queueConsumers", max, Integer.MAX_VALUE, SUBSCRIPTION_BYTES);
  }

  /**
   * Returns limits of durable subscriptions in use.
   *
   * @param max {@code limits.durableSubscriptions}
   */
  static QueueLimits ofDurables(int max) {
    return new QueueLimits(
        "limits.durableSubscriptions", max, Math.max(USER_MIN, max / USER_PART), DURABLE_BYTES);
  }

  /**
   * Counts and charges a subscription.
   *
   * @param cost the cost of its selector, in comparisons; 0 without one
   * @throws BridgeException {@code limitExceeded}; nothing is charged then
   */
  synchronized void charge(QueueSubscription subscription, int cost) {
    Object entry = subscription.grant().entry();
    String user = subscription.identity().user();
    String queue =
        subscription.grant().destination().broker()
            + '\0'
            + subscription.grant().destination().name();
    require(charged.size() < max, "the bridge has as many subscriptions as " + key + " allows");
    require(
        charged.values().stream().filter(each -> each.user().equals(user)).count() < maxOfUser,
        "the user has too many of the durable subscriptions of the bridge");
    require(
        byEntry.getOrDefault(entry, 0) < subscription.grant().policy().maxConsumers(),
        "the queue has as many consumers as maxConsumers of its entry");
    require(
        byUser.getOrDefault(new UserOf(entry, user), 0)
            < subscription.grant().policy().maxConsumersPerUser(),
        "the user has as many consumers of the queue as maxConsumers of its entry");
    require(
        costByQueue.getOrDefault(queue, 0) + cost <= SelectorBudget.MAX_PER_TOPIC
            && costByUser.getOrDefault(new UserOf(queue, user), 0) + cost
                <= SelectorBudget.MAX_PER_USER,
        "the selectors of the queue are too expensive in total");
    Account account = subscription.client().session().account();
    require(
        account.tryCharge(Purpose.SUBSCRIPTIONS, bytes),
        "the user's memory account is full (limits.userBytes)");
    charged.put(subscription, new Charged(entry, user, queue, cost, account));
    add(entry, user, queue, 1, cost);
  }

  private static void require(boolean room, String problem) {
    if (!room) {
      throw BridgeException.limitExceeded(problem);
    }
  }

  private void add(Object entry, String user, String queue, int number, int cost) {
    add(byEntry, entry, number);
    add(byUser, new UserOf(entry, user), number);
    add(costByQueue, queue, cost);
    add(costByUser, new UserOf(queue, user), cost);
  }

  private static <K> void add(Map<K, Integer> counts, K key, int number) {
    counts.merge(key, number, (a, b) -> a + b == 0 ? null : a + b);
    counts.remove(key, 0);
  }

  /** Releases a subscription, if it was charged; idempotent. */
  synchronized void release(QueueSubscription subscription) {
    Charged found = charged.remove(subscription);
    if (found != null) {
      add(found.entry(), found.user(), found.queue(), -1, -found.cost());
      found.account().release(Purpose.SUBSCRIPTIONS, bytes);
    }
  }

  synchronized int size() {
    return charged.size();
  }
}
