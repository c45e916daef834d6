package io.longspan.bridge;

import io.longspan.bridge.SharedSubscription.Beginning;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.security.TopicGrant;
import io.longspan.security.TopicPolicy.Keep;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics that web clients are subscribed to: the first subscriber of a topic and selector opens
 * the JMS subscription, the last one closes it after it has lingered.
 */
final class TopicSubscriptions {
  /** How long a subscription without subscribers stays open at least, in milliseconds. */
  static final long LINGER = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(TopicSubscriptions.class);

  /** What subscribers must have in common to share one JMS subscription. */
  record Key(TopicGrant grant, Optional<String> selector) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && grant.isSameAs(key.grant) && selector.equals(key.selector);
    }

    @Override
    public int hashCode() {
      return Objects.hash(grant.name(), grant.destination(), selector);
    }
  }

  private final MessageBroker broker;
  private final PayloadEncoder encoder;
  private final BridgeMetrics metrics;
  private final Scheduler scheduler;
  private final Ticker ticker;
  private final ConcurrentMap<Key, SharedSubscription> shared = new ConcurrentHashMap<>();

  TopicSubscriptions(
      MessageBroker broker,
      PayloadEncoder encoder,
      BridgeMetrics metrics,
      Scheduler scheduler,
      Ticker ticker) {
    this.ticker = ticker;
    this.broker = broker;
    this.encoder = encoder;
    this.metrics = metrics;
    this.scheduler = scheduler;
  }

  /**
   * Adds a subscription, which delivers nothing until it {@linkplain ClientSubscription#begin
   * begins}.
   *
   * @return completes when the JMS subscription is open; where it fails, the subscription is
   *     removed
   */
  CompletionStage<Void> join(ClientSubscription subscription) {
    SharedSubscription joined =
        shared.compute(
            subscription.key(),
            (key, existing) -> {
              SharedSubscription s =
                  existing == null
                      ? new SharedSubscription(key, encoder, metrics, ticker)
                      : existing;
              s.add(subscription);
              return s;
            });
    return joined
        .open(broker)
        .<Void>handle(
            (consumer, failure) -> {
              if (failure != null) {
                leave(subscription);
                throw BridgeException.from(failure);
              }
              return null;
            });
  }

  /**
   * Begins to deliver to a subscription that has joined.
   *
   * @param after the {@code JMSMessageID} after which the client wants to go on, if it does
   */
  Beginning begin(ClientSubscription subscription, Optional<String> after) {
    SharedSubscription joined = shared.get(subscription.key());
    return joined == null ? Beginning.NONE : joined.begin(subscription, after);
  }

  /** Removes a subscription; at once for its client, later at the broker. */
  void leave(ClientSubscription subscription) {
    SharedSubscription left = shared.get(subscription.key());
    if (left != null) {
      left.remove(subscription)
          .ifPresent(
              generation ->
                  scheduler.schedule(() -> closeIfIdle(left, generation), linger(left.key())));
    }
  }

  /** What is kept has to be received, with subscribers or without. */
  private static long linger(Key key) {
    Keep keep = key.grant().policy().keep();
    return keep.isSomething() ? Math.max(LINGER, keep.age().toMillis()) : LINGER;
  }

  /** Returns a copy: the subscriptions of all clients. */
  List<ClientSubscription> all() {
    return shared.values().stream().flatMap(s -> s.subscribers().stream()).toList();
  }

  private void closeIfIdle(SharedSubscription subscription, int generation) {
    boolean[] idle = new boolean[1];
    shared.computeIfPresent(
        subscription.key(),
        (key, s) -> {
          idle[0] = s == subscription && s.isIdleSince(generation);
          return idle[0] ? null : s;
        });
    if (idle[0]) {
      subscription.close();
    }
  }

  /** Forgets every consumer: the connection is lost. The subscribers stay. */
  void connectionLost() {
    shared.values().forEach(SharedSubscription::forgetConsumer);
  }

  /**
   * Opens every subscription on the new connection.
   *
   * @return completes when each of them is open or has failed
   */
  CompletableFuture<Void> reopenAll() {
    return CompletableFuture.allOf(
        shared.values().stream().map(this::reopen).toArray(CompletableFuture[]::new));
  }

  private CompletableFuture<Void> reopen(SharedSubscription subscription) {
    return subscription
        .open(broker)
        .handle(
            (consumer, failure) -> {
              if (failure != null) {
                LOG.warn(
                    "subscription not re-opened topic={} error={}",
                    subscription.key().grant().name(),
                    BridgeException.from(failure).toBayeuxError());
              }
              return null;
            });
  }

  /**
   * Evicts retained messages; later resumes get a {@code gap}. Called on any thread; never blocks.
   *
   * @param bytes how many bytes of heap are wanted
   * @return how many were freed
   */
  long evictRetained(long bytes) {
    return 0;
  }

  /** Returns a view of the JMS subscriptions that may change while it is read. */
  Collection<SharedSubscription> shared() {
    return shared.values();
  }

  /** Returns how many JMS subscriptions there are. */
  int size() {
    return shared.size();
  }
}
