package io.longspan.bridge;

import io.longspan.protocol.BridgeException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The actions of commlib that clients use now. All goals of an action share one consumer. It is
 * closed some time after the last goal has ended.
 *
 * <p>Called on any thread; never blocks.
 */
final class ActionTopics {
  /** The maximum number of actions in use. */
  static final int MAX = 1_000;

  /** The maximum number of actions that were opened for one user. */
  static final int MAX_PER_USER = 100;

  /** How long an action without goals keeps its consumer at least, in milliseconds. */
  static final long LINGER = 10_000;

  private final MessageBroker broker;
  private final BridgeMetrics metrics;
  private final Scheduler scheduler;
  private final PerUserCount perUser = new PerUserCount();
  private final ConcurrentMap<String, ActionTopic> topics = new ConcurrentHashMap<>();

  ActionTopics(MessageBroker broker, BridgeMetrics metrics, Scheduler scheduler) {
    this.broker = broker;
    this.metrics = metrics;
    this.scheduler = scheduler;
  }

  /**
   * Opens the consumer of an action, unless it is open.
   *
   * @param action the JMS name of the action
   * @param user the user in whose turn it is opened
   * @return fails with {@code limitExceeded} if too many actions are in use, or like {@link
   *     MessageBroker#subscribe}
   */
  CompletionStage<?> open(String action, String user) {
    ActionTopic topic = topics.get(action);
    if (topic == null) {
      if (topics.size() >= MAX || !perUser.increment(user, MAX_PER_USER)) {
        return CompletableFuture.failedFuture(
            BridgeException.limitExceeded("too many actions are in use"));
      }
      ActionTopic created = new ActionTopic(action, user, broker, metrics, scheduler);
      ActionTopic present = topics.putIfAbsent(action, created);
      if (present == null) {
        checkLater(created);
      } else {
        perUser.decrement(user);
      }
      topic = present == null ? created : present;
    }
    return open(topic);
  }

  private CompletionStage<?> open(ActionTopic topic) {
    topic.use();
    return topic
        .open()
        .whenComplete(
            (opened, failure) -> {
              if (failure != null) {
                close(topic);
              }
            });
  }

  private void checkLater(ActionTopic topic) {
    scheduler.schedule(
        () -> {
          if (topic.isIdle()) {
            close(topic);
          } else if (topics.get(topic.action()) == topic) {
            checkLater(topic);
          }
        },
        LINGER);
  }

  private void close(ActionTopic topic) {
    if (topics.remove(topic.action(), topic)) {
      perUser.decrement(topic.user());
      topic.close();
    }
  }

  /**
   * Returns an action that is open.
   *
   * @throws BridgeException {@code brokerUnavailable} if it is not
   */
  ActionTopic require(String action) {
    ActionTopic topic = topics.get(action);
    if (topic == null) {
      throw BridgeException.brokerUnavailable(null);
    }
    return topic;
  }

  /** Forgets all consumers: they have ended with the connection. */
  void connectionLost() {
    for (ActionTopic topic : topics.values()) {
      close(topic);
    }
  }
}
