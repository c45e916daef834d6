package io.longspan.bridge;

import io.longspan.access.QueueGrant;
import io.longspan.catalogue.DurableSubscription;
import io.longspan.deliveries.ClientDeliveries;
import io.longspan.deliveries.Delivery;
import io.longspan.deliveries.DeliveryConsumer;
import io.longspan.deliveries.Settlement;
import io.longspan.deliveries.Settlement.Reject;
import io.longspan.deliveries.Settlement.Release;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.Payload;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One client's consumption of one queue, or its use of one durable subscription (protocol sections
 * 15 and 16). It has a consumer at the broker while the connection is up and the right is not in
 * doubt. Messages of an earlier consumer are ignored: the broker has taken them back.
 *
 * <p>Called on any thread; never blocks. The lock guards the fields and is never held around a call
 * out.
 */
final class QueueSubscription implements ClientDeliveries.Owner, MessageRight {
  /** How many messages in a row a client may give back without being slowed down. */
  private static final int FREE_RELEASES = 3;

  /** The pause after the first release that is one too many, in milliseconds; it doubles. */
  private static final long FIRST_PAUSE = 100;

  private static final long MAX_PAUSE = 5000;

  enum State {
    /** The answer is not queued yet: messages wait. */
    OPENING,
    ACTIVE,
    /** The right is in doubt: there is no consumer. */
    PAUSED,
    ENDED
  }

  /** A message, with the number of the consumer that has received it. */
  record Early(int generation, Delivery delivery) {}

  /**
   * What a durable subscription has that a queue has not.
   *
   * @param given the client's name of it
   * @param since when its session took it, in milliseconds of the broker's clock
   */
  record Durable(String given, DurableSubscription subscription, long since) {}

  private final ConnectedClient client;
  private final Identity identity;
  private final Optional<String> selector;
  private final int prefetch;
  private final Optional<Durable> durable;
  private final BridgeMetrics metrics;
  private final AtomicInteger releasesInARow = new AtomicInteger();
  private final List<Early> early = new ArrayList<>(1);
  private volatile QueueGrant grant;

  /** Whether a newer session has the durable subscription. */
  private volatile boolean takenOver;

  /** Guarded by this. */
  private State state = State.OPENING;

  /** Guarded by this; null while there is none. */
  private DeliveryConsumer consumer;

  /** Guarded by this: the number of the present consumer. */
  private int generation;

  QueueSubscription(
      ConnectedClient client,
      Identity identity,
      QueueGrant grant,
      Optional<String> selector,
      int prefetch,
      Optional<Durable> durable,
      BridgeMetrics metrics) {
    this.client = client;
    this.identity = identity;
    this.grant = grant;
    this.selector = selector;
    this.prefetch = prefetch;
    this.durable = durable;
    this.metrics = metrics;
  }

  ConnectedClient client() {
    return client;
  }

  /** Returns the identity that the right was first granted to. */
  Identity identity() {
    return identity;
  }

  QueueGrant grant() {
    return grant;
  }

  /** Applies a confirmed grant of the same queue. */
  void confirmed(QueueGrant now) {
    grant = now;
  }

  Optional<String> selector() {
    return selector;
  }

  int prefetch() {
    return prefetch;
  }

  /** Returns the durable subscription at the broker; empty if this is a queue. */
  Optional<DurableSubscription> durable() {
    return durable.map(Durable::subscription);
  }

  /** Returns the client's name of the durable subscription; empty if this is a queue. */
  String given() {
    return durable.map(Durable::given).orElse("");
  }

  /** Returns when the session took the durable subscription; 0 if this is a queue. */
  long since() {
    return durable.map(Durable::since).orElse(0L);
  }

  /** Returns whether this is a durable subscription with this name of the client's. */
  boolean isNamed(String given) {
    return durable.filter(each -> each.given().equals(given)).isPresent();
  }

  /** Records that a newer session has the durable subscription. */
  void takenOver() {
    takenOver = true;
  }

  /** Returns why the subscription has ended before its answer. */
  BridgeException whyEnded() {
    return takenOver
        ? BridgeException.limitExceeded("a newer session has the durable subscription")
        : BridgeException.notAuthorized();
  }

  /** Begins with a new consumer; returns its number, or 0 if there is one or none is wanted. */
  synchronized int beginOpening() {
    boolean wanted = consumer == null && state != State.ENDED && state != State.PAUSED;
    return wanted ? ++generation : 0;
  }

  /** Sets an open consumer. Returns false if it is not wanted any more; the caller closes it. */
  synchronized boolean opened(int number, DeliveryConsumer open) {
    if (number != generation || state == State.ENDED || state == State.PAUSED) {
      return false;
    }
    consumer = open;
    return true;
  }

  /**
   * Begins to hand messages over: the answer is queued.
   *
   * @return the messages that have waited for it
   */
  synchronized List<Early> begin() {
    if (state == State.OPENING) {
      state = State.ACTIVE;
    }
    List<Early> waiting = List.copyOf(early);
    early.clear();
    return waiting;
  }

  /** What becomes of a message that has arrived. */
  enum Arrival {
    DELIVER,
    /** It waits for {@link #begin}. */
    WAIT,
    /** Its consumer is being closed, so the broker takes it back. */
    IGNORE
  }

  /** Returns whether messages of a consumer are still handed over. */
  synchronized boolean isDelivering(int number) {
    return number == generation && state == State.ACTIVE;
  }

  /** Returns whether the answer to the client is not queued yet. */
  synchronized boolean isOpening() {
    return state == State.OPENING;
  }

  synchronized Arrival arrived(int number, Delivery delivery) {
    if (number != generation || state == State.ENDED || state == State.PAUSED) {
      return Arrival.IGNORE;
    }
    if (state == State.OPENING) {
      early.add(new Early(number, delivery));
      return Arrival.WAIT;
    }
    return Arrival.DELIVER;
  }

  /** Returns whether a consumer is the present one. */
  synchronized boolean isPresent(DeliveryConsumer one) {
    return consumer == one;
  }

  /** Forgets the consumer, because it is lost. */
  synchronized void lost() {
    consumer = null;
    generation++;
    early.clear();
  }

  /** Stops consumption until {@link #resume}. Returns the consumer to close, if there is one. */
  synchronized Optional<DeliveryConsumer> pause() {
    if (state == State.ENDED) {
      return Optional.empty();
    }
    state = State.PAUSED;
    return takeConsumer();
  }

  /** Returns whether consumption was stopped, and must be opened again. */
  synchronized boolean resume() {
    boolean paused = state == State.PAUSED;
    if (paused) {
      state = State.ACTIVE;
    }
    return paused;
  }

  /**
   * Ends the subscription.
   *
   * @return empty if it had ended; otherwise the consumer to close, if there is one
   */
  synchronized Optional<Optional<DeliveryConsumer>> end() {
    if (state == State.ENDED) {
      return Optional.empty();
    }
    state = State.ENDED;
    return Optional.of(takeConsumer());
  }

  private Optional<DeliveryConsumer> takeConsumer() {
    DeliveryConsumer open = consumer;
    lost();
    return Optional.ofNullable(open);
  }

  synchronized boolean isAlive() {
    return state != State.ENDED;
  }

  @Override
  public long ackTimeout() {
    return grant.policy().ackTimeout().toMillis();
  }

  @Override
  public Release release(long delay) {
    metrics.deliverySettled(DeliveryOutcome.RELEASED);
    return new Release(delay, pauseAfterRelease());
  }

  /** Returns how long a client that takes and releases gets nothing, in milliseconds. */
  private long pauseAfterRelease() {
    int surplus = releasesInARow.incrementAndGet() - FREE_RELEASES * prefetch;
    return surplus <= 0 ? 0 : Math.min(MAX_PAUSE, FIRST_PAUSE << Math.min(surplus - 1, 10));
  }

  @Override
  public Settlement reject(Optional<String> reason) {
    metrics.deliverySettled(DeliveryOutcome.REJECTED);
    releasesInARow.set(0);
    Map<String, Object> properties = new LinkedHashMap<>();
    reason.ifPresent(text -> properties.put("reason", text));
    properties.put("rejectedBy", identity.user());
    properties.put("rejectedFrom", grant.name().value());
    return new Reject(grant.policy().deadLetter(), properties);
  }

  @Override
  public void acknowledged() {
    metrics.deliverySettled(DeliveryOutcome.ACKNOWLEDGED);
    releasesInARow.set(0);
  }

  /** A client that lets messages wait is slowed down at once: others shall get them. */
  @Override
  public void timedOut() {
    metrics.deliverySettled(DeliveryOutcome.TIMED_OUT);
    releasesInARow.accumulateAndGet(FREE_RELEASES * prefetch, Math::max);
  }

  /** Messages whose handle is void are not written: the broker has them. */
  @Override
  public Passage passage(Payload payload) {
    return payload.isDeliverable() ? Passage.DELIVER : Passage.DISCARD;
  }

  @Override
  public DestinationName topic() {
    return grant.name();
  }

  @Override
  public String toString() {
    return "%s %s=%s"
        .formatted(client, durable.isPresent() ? "durableTopic" : "queue", grant.name());
  }
}
