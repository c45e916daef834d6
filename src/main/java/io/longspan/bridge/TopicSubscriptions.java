package io.longspan.bridge;

import io.longspan.bridge.SharedSubscription.Beginning;
import io.longspan.budget.MemoryBudget;
import io.longspan.concurrent.InternalErrors;
import io.longspan.protocol.Answer.Gap;
import io.longspan.protocol.Answer.GapReason;
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
import java.util.function.Consumer;
import java.util.function.Predicate;
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
  private final TopicQuota quota;
  private final PayloadEncoder encoder;
  private final BridgeMetrics metrics;
  private final Scheduler scheduler;
  private final Ticker ticker;
  private final SelectorBudget selectors = new SelectorBudget();
  private final MatchedTopics matchedTopics = new MatchedTopics();
  private final Retention retention;
  private final TopicReopening reopening;
  private final ConcurrentMap<Key, SharedSubscription> shared = new ConcurrentHashMap<>();

  /**
   * Creates an empty set.
   *
   * @param reopenings tries again what could not be re-opened
   * @param whenReopened hears of each client that is to be told of topics that are open again, or
   *     that waits for topics it is no longer subscribed to; on any thread
   */
  TopicSubscriptions(
      MessageBroker broker,
      TopicQuota quota,
      PayloadEncoder encoder,
      BridgeMetrics metrics,
      Scheduler scheduler,
      Ticker ticker,
      MemoryBudget memory,
      int maxLingering,
      Reopenings reopenings,
      Consumer<ConnectedClient> whenReopened) {
    this.reopening =
        new TopicReopening(
            broker,
            reopenings,
            subscription -> shared.get(subscription.key()) == subscription,
            whenReopened);
    this.ticker = ticker;
    this.broker = broker;
    this.quota = quota;
    this.encoder = encoder;
    this.metrics = metrics;
    this.scheduler = scheduler;
    this.retention =
        new Retention(
            new RetainedBytes(memory),
            maxLingering,
            shared::values,
            subscription -> closeIf(subscription, SharedSubscription::isIdle),
            metrics,
            ticker);
  }

  /**
   * Charges a subscription that is about to join, and its selector; {@link #leave} releases both.
   *
   * @param selectorCost of one evaluation, in comparisons
   * @throws BridgeException {@code limitExceeded}; nothing is charged then
   */
  void charge(ClientSubscription subscription, int selectorCost) {
    quota.charge(subscription);
    try {
      selectors.charge(subscription, selectorCost);
    } catch (BridgeException refusal) {
      quota.release(subscription);
      throw refusal;
    }
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
                      ? new SharedSubscription(
                          key, encoder, matchedTopics, retention, metrics, ticker, reopening)
                      : existing;
              s.add(subscription);
              return s;
            });
    retention.joined(joined);
    retention.enforce(joined);
    return joined
        .open(broker, subscription.identity().user())
        .<Void>handle(
            (consumer, failure) -> {
              if (failure != null) {
                leave(subscription);
                throw BridgeException.from(
                    failure, fault -> InternalErrors.report("opening a topic", fault));
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

  /**
   * Opens the JMS subscription that a client is subscribed to, if it is not open.
   *
   * @return completes when it is open; where it fails the client stays subscribed, and it is tried
   *     again
   */
  CompletableFuture<Void> ensureOpen(ClientSubscription subscription) {
    SharedSubscription joined = shared.get(subscription.key());
    return joined == null
        ? CompletableFuture.failedFuture(BridgeException.notConnected("the subscription has ended"))
        : joined.open(broker, subscription.identity().user()).thenApply(consumer -> null);
  }

  /** Returns whether messages can come to a subscription. */
  boolean isOpen(ClientSubscription subscription) {
    SharedSubscription joined = shared.get(subscription.key());
    return joined != null && joined.isOpen();
  }

  /** Removes a subscription; at once for its client, later at the broker. */
  void leave(ClientSubscription subscription) {
    remove(subscription);
    reopening.left(subscription.client());
  }

  private void remove(ClientSubscription subscription) {
    quota.release(subscription);
    selectors.left(subscription);
    SharedSubscription left = shared.get(subscription.key());
    if (left == null) {
      return;
    }
    Optional<Integer> idleness = left.remove(subscription);
    if (idleness.isEmpty()) {
      retention.enforce(left);
      return;
    }
    int generation = idleness.get();
    if (left.isOpen()) {
      scheduler.schedule(
          () -> closeIf(left, idle -> idle.isIdleSince(generation)), linger(left.key()));
      retention.left(left, subscription.identity().user());
    } else {
      // Nothing is received yet, and nobody waits for it any more.
      closeIf(left, idle -> idle.isIdleSince(generation));
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

  /**
   * Another catalogue may be in force: discards what patterns have received of topics that they
   * cover no longer, retained and queued, and tells their subscribers by a {@code gap}. Called on
   * any thread; never blocks.
   */
  void discardUncovered() {
    shared.values().stream()
        .filter(SharedSubscription::isPattern)
        .forEach(SharedSubscription::discardUncovered);
    matchedTopics.removeOutdated().forEach(this::tellOfNarrowing);
  }

  private void tellOfNarrowing(SharedSubscription pattern) {
    List<ClientSubscription> subscribers =
        pattern.subscribers().stream().filter(ClientSubscription::isDelivering).toList();
    String name = pattern.key().grant().name().value();
    for (ClientSubscription subscriber : subscribers) {
      subscriber.client().outbox().discardUndeliverable();
      subscriber.client().tell(Gap.unknown(List.of(name), GapReason.NOT_RECOVERABLE));
    }
    LOG.info("pattern covers less topic={} subscribers={}", name, subscribers.size());
  }

  /** Closes a subscription if a condition of its own is true; returns whether it was closed. */
  private boolean closeIf(
      SharedSubscription subscription, Predicate<SharedSubscription> condition) {
    boolean[] closes = new boolean[1];
    shared.computeIfPresent(
        subscription.key(),
        (key, s) -> {
          closes[0] = s == subscription && condition.test(s);
          return closes[0] ? null : s;
        });
    if (closes[0]) {
      subscription.close();
      reopening.closed(subscription);
      selectors.closed(subscription.key());
      retention.closed(subscription);
    }
    return closes[0];
  }

  /** Forgets every consumer: the connection is lost. The subscribers stay. */
  void connectionLost() {
    shared.values().forEach(SharedSubscription::forgetConsumer);
  }

  /** Opens every subscription on the new connection; what fails is tried again. Never blocks. */
  void reopenAll() {
    shared.values().forEach(reopening::reopen);
  }

  /**
   * Evicts retained messages: lingering subscriptions are closed, the oldest first; then those of
   * topics with subscribers are discarded, the largest first. Later resumes get a {@code gap}.
   * Called on any thread, under no lock; never blocks.
   *
   * @param bytes how many bytes of heap are wanted
   * @return how many were freed
   */
  long evictRetained(long bytes) {
    return retention.relieve(bytes);
  }

  /** Evicts retained messages, as {@link #evictRetained(long)}, that one user alone causes. */
  long evictRetainedOf(String user, long bytes) {
    return retention.evictOf(user, bytes);
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
