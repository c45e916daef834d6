package io.longspan.bridge;

import io.longspan.budget.MemoryBudget;
import io.longspan.protocol.BridgeException;

/**
 * Counts the topic subscriptions of each user, over all sessions, and charges them to the user's
 * memory account. Called on any thread; never blocks.
 */
final class TopicQuota {
  /**
   * Estimated heap of a subscription in the bridge and in the JMS client, without its texts, in
   * bytes.
   */
  static final long SUBSCRIPTION_BYTES = 2048;

  private final int topicsPerUser;
  private final MemoryBudget memory;
  private final PerUserCount topics = new PerUserCount();

  TopicQuota(int topicsPerUser, MemoryBudget memory) {
    this.topicsPerUser = topicsPerUser;
    this.memory = memory;
  }

  /**
   * Refuses a subscription early, before any work, if {@link #charge} would refuse it by number.
   *
   * @throws BridgeException {@code limitExceeded}
   */
  void requireRoom(String user) {
    if (topics.of(user) >= topicsPerUser) {
      throw tooMany();
    }
  }

  /**
   * Counts and charges a subscription.
   *
   * @throws BridgeException {@code limitExceeded}; nothing is charged then
   */
  void charge(ClientSubscription subscription) {
    String user = subscription.identity().user();
    if (!topics.increment(user, topicsPerUser)) {
      throw tooMany();
    }
    if (!subscription.charge(memory.user(user), bytes(subscription))) {
      topics.decrement(user);
      throw BridgeException.limitExceeded("the user's memory account is full (limits.userBytes)");
    }
  }

  /** Releases a subscription, if it was charged; idempotent. */
  void release(ClientSubscription subscription) {
    if (subscription.release()) {
      topics.decrement(subscription.identity().user());
    }
  }

  private BridgeException tooMany() {
    return BridgeException.limitExceeded(
        "a user may have at most %d topics".formatted(topicsPerUser));
  }

  private static long bytes(ClientSubscription subscription) {
    int texts =
        subscription.topic().value().length()
            + subscription.key().selector().map(String::length).orElse(0);
    return SUBSCRIPTION_BYTES + 2L * texts;
  }

  /** Returns the number of subscriptions of a user. */
  int of(String user) {
    return topics.of(user);
  }
}
