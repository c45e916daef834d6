package io.longspan.bridge;

import io.longspan.access.TopicGrant;
import io.longspan.bridge.SharedSubscription.Beginning;
import io.longspan.budget.MemoryBudget;
import io.longspan.catalogue.TopicPolicy.Keep;
import io.longspan.concurrent.InternalErrors;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ControlCommand.History;
import io.longspan.protocol.Notice.Gap;
import io.longspan.protocol.Notice.GapReason;
import io.longspan.protocol.PayloadEncoder;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shared JMS subscriptions. The first subscriber of a topic and selector opens one. It is
 * closed some time after the last subscriber has left: it lingers.
 *
 * <p>Called on any thread; never blocks.
 */
final class TopicSubscriptions {
  /** The minimum time that a subscription without subscribers lingers, in milliseconds. */
  static final long LINGER = 1000;

  /**
   * How long messages are held after a snapshot, in milliseconds, if the last message that the
   * snapshot includes was not received. It may be on its way, or may be older than the consumer.
   */
  static final long SETTLING = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(TopicSubscriptions.class);

  /** Identifies a shared subscription: clients share it if grant and selector are the same. */
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

  private final BridgeBrokers brokers;
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
   * @param maxLingering the maximum number of lingering subscriptions of one user
   * @param whenReopened notified, on any thread, of a client with an outage: a topic is open again,
   *     or the client need not wait for a topic any more
   */
  TopicSubscriptions(
      BridgeBrokers brokers,
      TopicQuota quota,
      PayloadEncoder encoder,
      BridgeMetrics metrics,
      Scheduler scheduler,
      Ticker ticker,
      MemoryBudget memory,
      int maxLingering,
      Consumer<ConnectedClient> whenReopened) {
    this.reopening =
        new TopicReopening(
            brokers, subscription -> shared.get(subscription.key()) == subscription, whenReopened);
    this.ticker = ticker;
    this.brokers = brokers;
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
   * Charges a subscription and its selector before it joins. {@link #leave} releases both.
   *
   * @param selectorCost the cost of one evaluation, in comparisons; 0 without a selector
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
   * Adds a subscription. It delivers nothing until {@link #begin}.
   *
   * @return completes when the JMS subscription is open; if it fails, the subscription is removed
   */
  CompletionStage<Void> join(ClientSubscription subscription) {
    SharedSubscription joined =
        shared.compute(
            subscription.key(),
            (key, existing) -> {
              SharedSubscription s = existing == null ? create(key) : existing;
              s.add(subscription);
              return s;
            });
    retention.joined(joined);
    retention.enforce(joined);
    return joined
        .open(broker(joined), subscription.identity().user())
        .<Void>handle(
            (consumer, failure) -> {
              if (failure != null) {
                leave(subscription);
                throw BridgeException.from(
                    failure, fault -> InternalErrors.report("the opening of a topic", fault));
              }
              return null;
            });
  }

  /**
   * Starts delivery to a subscription that has joined.
   *
   * @param after the {@code JMSMessageID} after which the client wants to resume, if it does
   */
  Beginning begin(ClientSubscription subscription, Optional<String> after) {
    return begin(subscription, after, 0);
  }

  /**
   * Starts delivery to a subscription that has joined.
   *
   * @param after the {@code JMSMessageID} after which the client wants to resume, if it does
   * @param last how many retained messages come first if the client does not resume
   */
  Beginning begin(ClientSubscription subscription, Optional<String> after, int last) {
    SharedSubscription joined = shared.get(subscription.key());
    if (joined == null) {
      return Beginning.NONE;
    }
    Beginning beginning = joined.begin(subscription, after, last);
    if (beginning == Beginning.UNSETTLED) {
      scheduler.schedule(() -> joined.settle(subscription), SETTLING);
    }
    return beginning;
  }

  /**
   * Returns the JMS subscription of a client's subscription.
   *
   * @throws BridgeException {@code notConnected} if it was closed
   */
  SharedSubscription sharedBy(ClientSubscription subscription) {
    SharedSubscription joined = shared.get(subscription.key());
    if (joined == null) {
      throw BridgeException.notConnected("the subscription has ended");
    }
    return joined;
  }

  /** Returns whether a subscription can resume after a message, as far as is known now. */
  boolean canResume(ClientSubscription subscription, String after) {
    SharedSubscription joined = shared.get(subscription.key());
    return joined != null && joined.canResume(subscription, after);
  }

  /**
   * Returns a part of the retained messages of a topic without a selector (protocol section 17).
   * Empty if the message that the client names is not retained.
   *
   * @param grant the right of the client
   * @param maxBytes the maximum size of the messages together, in bytes
   */
  Optional<KeptMessages.Page> page(TopicGrant grant, History wanted, long maxBytes) {
    SharedSubscription present = shared.get(new Key(grant, Optional.empty()));
    if (present != null) {
      return present.page(wanted, maxBytes, grant.heldSince());
    }
    return wanted.before().or(wanted::after).isPresent()
        ? Optional.empty()
        : Optional.of(new KeptMessages.Page(List.of(), true));
  }

  /**
   * Sets the topics whose JMS subscriptions are open also without subscribers (protocol section
   * 17). Must be called by one thread at a time. A change of {@code keep} applies once the topic
   * has no subscribers at such a call.
   */
  void keepOpen(List<TopicGrant> grants) {
    Map<Key, TopicGrant> wanted = new LinkedHashMap<>();
    grants.forEach(grant -> wanted.put(new Key(grant, Optional.empty()), grant));
    for (SharedSubscription present : shared.values()) {
      TopicGrant grant = wanted.get(present.key());
      if (present.isPinned()
          && (grant == null || !grant.policy().equals(present.key().grant().policy()))) {
        present.pin(false);
        closeIf(present, SharedSubscription::isIdle);
      }
    }
    for (Key key : wanted.keySet()) {
      SharedSubscription kept =
          shared.compute(
              key,
              (k, existing) -> {
                SharedSubscription s = existing == null ? create(k) : existing;
                s.pin(true);
                return s;
              });
      if (broker(kept).isConnected()) {
        reopening.reopen(kept);
      }
    }
  }

  private SharedSubscription create(Key key) {
    return new SharedSubscription(
        key, encoder, matchedTopics, retention, metrics, ticker, reopening);
  }

  /**
   * Opens the JMS subscription of a client's subscription, unless it is open.
   *
   * @return completes when it is open; if it fails, the client stays subscribed, and the retries
   *     continue
   */
  CompletableFuture<Void> ensureOpen(ClientSubscription subscription) {
    SharedSubscription joined = shared.get(subscription.key());
    return joined == null
        ? CompletableFuture.failedFuture(BridgeException.notConnected("the subscription has ended"))
        : joined.open(broker(joined), subscription.identity().user()).thenApply(consumer -> null);
  }

  /** Returns whether the JMS subscription of a client's subscription is open. */
  boolean isOpen(ClientSubscription subscription) {
    SharedSubscription joined = shared.get(subscription.key());
    return joined != null && joined.isOpen();
  }

  /**
   * Removes a subscription. If it was the last one, the JMS subscription lingers. It is closed at
   * once if it is not open, or if the right was revoked.
   */
  void leave(ClientSubscription subscription) {
    remove(subscription);
    reopening.left(subscription);
  }

  private void remove(ClientSubscription subscription) {
    quota.release(subscription);
    selectors.left(subscription);
    SharedSubscription left = shared.get(subscription.key());
    if (left == null) {
      return;
    }
    if (subscription.snapshot() != null) {
      left.leaveSnapshot(subscription);
    }
    Optional<Integer> idleness = left.remove(subscription);
    if (idleness.isEmpty() || left.isPinned()) {
      retention.enforce(left);
      return;
    }
    int generation = idleness.get();
    if (left.isOpen() && !subscription.isRevoked()) {
      scheduler.schedule(
          () -> closeIf(left, idle -> idle.isIdleSince(generation)), linger(left.key()));
      retention.left(left, subscription.identity().user());
    } else {
      // It has nothing to retain, or may retain nothing: who gets the right later must not get
      // messages that the broker still holds for this consumer.
      closeIf(left, idle -> idle.isIdleSince(generation));
    }
  }

  /**
   * Returns how long a subscription lingers, in milliseconds. It must receive as long as its
   * messages are retained.
   */
  private static long linger(Key key) {
    Keep keep = key.grant().policy().keep();
    return keep.isSomething() ? Math.max(LINGER, keep.age().toMillis()) : LINGER;
  }

  /** Returns a copy: the subscriptions of all clients. */
  List<ClientSubscription> all() {
    return shared.values().stream().flatMap(s -> s.subscribers().stream()).toList();
  }

  /**
   * Discards the messages, queued and retained, of topics that a pattern no longer covers after a
   * change of the catalogue. Notifies the subscribers by a {@code gap}.
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
    LOG.info(
        "pattern covers fewer topics after a change of the catalogue topic={} subscribers={}",
        name,
        subscribers.size());
  }

  /** Closes a subscription if a condition is true for it; returns whether it was closed. */
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

  private MessageBroker broker(SharedSubscription subscription) {
    return brokers.of(subscription.key().grant().destination()).broker();
  }

  /** Forgets every consumer at a broker: its connection is lost. The subscribers stay. */
  void connectionLost(BridgeBroker broker) {
    at(broker).forEach(SharedSubscription::forgetConsumer);
  }

  /** Opens every subscription on a broker's new connection; failed attempts are retried. */
  void reopenAll(BridgeBroker broker) {
    at(broker).forEach(reopening::reopen);
  }

  private Stream<SharedSubscription> at(BridgeBroker broker) {
    return shared.values().stream()
        .filter(s -> s.key().grant().destination().broker().equals(broker.name()));
  }

  /**
   * Evicts retained messages. First lingering subscriptions are closed, the oldest first. Then the
   * retained messages of topics with subscribers are evicted, the largest first. A later resume of
   * these topics gets a {@code gap}. The caller must hold no lock.
   *
   * @param bytes the bytes of heap to free
   * @return the bytes that were freed
   */
  long evictRetained(long bytes) {
    return retention.relieve(bytes);
  }

  /** Evicts, like {@link #evictRetained(long)}, retained messages that are charged to one user. */
  long evictRetainedOf(String user, long bytes) {
    return retention.evictOf(user, bytes);
  }

  /** Returns a live view of the shared subscriptions. */
  Collection<SharedSubscription> shared() {
    return shared.values();
  }

  /** Returns the number of shared subscriptions. */
  int size() {
    return shared.size();
  }
}
