package io.longspan.bridge;

import static io.longspan.protocol.Notice.GapReason.BROKER_OUTAGE;
import static io.longspan.protocol.Notice.GapReason.NOT_RECOVERABLE;

import io.longspan.bridge.MessageBroker.Pending;
import io.longspan.bridge.MessageBroker.TopicConsumer;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.catalogue.TopicPolicy.SlowConsumer;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ControlCommand.History;
import io.longspan.protocol.Notice.Gap;
import io.longspan.protocol.Notice.GapReason;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * One JMS subscription, and the clients that share it.
 *
 * <p>Its subscribers are an immutable array, replaced under this object's lock. Delivery threads
 * read it without the lock. Under the lock, retained messages are charged, and {@link #begin}
 * queues recovered messages. If that overflows an outbox, its overflow listener runs under the lock
 * too. The broker and the watcher are called without it.
 */
final class SharedSubscription {
  /** How delivery to a subscriber has started. */
  enum Beginning {
    /** It has not: it had started before, or the subscription has ended. */
    NONE,
    /** With new messages. */
    AFRESH,
    /** With the retained messages after the one that the client named. */
    RECOVERED
  }

  /** Notified of the consumer. Called on any thread, under no lock; must not block. */
  interface Watcher {
    /** The consumer is open. */
    void opened(SharedSubscription subscription);

    /** The consumer has ended by itself and was forgotten. */
    void lost(SharedSubscription subscription);
  }

  private static final ClientSubscription[] NOBODY = {};
  private static final String NO_USER = "\0nobody";

  private final TopicSubscriptions.Key key;
  private final PayloadEncoder encoder;
  private final MatchedTopics matchedTopics;
  private final Retention retention;
  private final BridgeMetrics metrics;
  private final Ticker ticker;
  private final Watcher watcher;

  private volatile ClientSubscription[] subscribers = NOBODY;

  /** Guarded by this. Null while no consumer is open or being opened. */
  private CompletableFuture<TopicConsumer> consumer;

  /** Guarded by this. Null while the consumer is not waiting to be opened. */
  private Pending<TopicConsumer> pending;

  /** Guarded by this. True if nothing may be opened any more. */
  private boolean closed;

  /** Guarded by this. The generation of the consumer; each new consumer increments it. */
  private int generation;

  /** Guarded by this, except its holder. */
  private final RetainedBytes.Charge charge;

  /** Guarded by this. */
  private final KeptMessages kept;

  /** Guarded by this. The position of the last message; each message increments it. */
  private long lastPosition;

  /**
   * Guarded by this. The prefix of the message ids that this subscription creates, unique over all
   * bridges. Null until the first.
   */
  private String givenIds;

  /** Guarded by this. */
  private long lastGivenId;

  /** Guarded by this. True if it stays open without subscribers ({@code keep.always}). */
  private boolean pinned;

  /** Guarded by this. Incremented each time the last subscriber leaves. */
  private int idleGeneration;

  SharedSubscription(
      TopicSubscriptions.Key key,
      PayloadEncoder encoder,
      MatchedTopics matchedTopics,
      Retention retention,
      BridgeMetrics metrics,
      Ticker ticker,
      Watcher watcher) {
    this.key = key;
    this.encoder = encoder;
    this.matchedTopics = matchedTopics;
    this.retention = retention;
    this.metrics = metrics;
    this.ticker = ticker;
    this.watcher = watcher;
    this.charge = retention.bytes().newCharge();
    this.kept = new KeptMessages(policy().keep(), charge);
  }

  private TopicPolicy policy() {
    return key.grant().policy();
  }

  TopicSubscriptions.Key key() {
    return key;
  }

  boolean isPattern() {
    return key.grant().name().pattern();
  }

  synchronized void add(ClientSubscription subscriber) {
    if (!List.of(subscribers).contains(subscriber)) {
      ClientSubscription[] more = Arrays.copyOf(subscribers, subscribers.length + 1);
      more[subscribers.length] = subscriber;
      subscribers = more;
      charge.chargeTo(onlyUser());
    }
  }

  /**
   * Removes a subscriber.
   *
   * @return the idle generation, if this was the last subscriber; otherwise empty
   */
  synchronized Optional<Integer> remove(ClientSubscription subscriber) {
    ClientSubscription[] fewer =
        Arrays.stream(subscribers).filter(s -> s != subscriber).toArray(ClientSubscription[]::new);
    if (fewer.length == subscribers.length) {
      return Optional.empty();
    }
    subscribers = fewer;
    if (fewer.length > 0) {
      charge.chargeTo(onlyUser());
      return Optional.empty();
    }
    charge.chargeTo(pinned ? null : retention.bytes().holder(subscriber.identity().user()));
    return Optional.of(++idleGeneration);
  }

  /**
   * Sets whether the subscription stays open without subscribers. Its retained messages are then
   * charged to no user.
   */
  synchronized void pin(boolean on) {
    pinned = on;
    charge.chargeTo(subscribers.length == 0 ? null : onlyUser());
  }

  synchronized boolean isPinned() {
    return pinned;
  }

  /**
   * Returns the holder of the user of all subscribers; null if they have several users, or if the
   * operator wants the subscription. There must be a subscriber.
   */
  private RetainedBytes.Holder onlyUser() {
    if (pinned) {
      return null;
    }
    String user = subscribers[0].identity().user();
    return Arrays.stream(subscribers).allMatch(s -> s.identity().user().equals(user))
        ? retention.bytes().holder(user)
        : null;
  }

  /**
   * Returns the user that the retained messages are charged to; null if no single user causes them.
   */
  RetainedBytes.Holder holder() {
    return charge.holder();
  }

  synchronized long retainedBytes() {
    return charge.bytes();
  }

  /** Discards the retained messages; returns the bytes of heap that were freed. */
  synchronized long evictRetained() {
    return kept.evict();
  }

  synchronized boolean isIdle() {
    return subscribers.length == 0 && !pinned;
  }

  synchronized boolean isIdleSince(int generation) {
    return isIdle() && idleGeneration == generation;
  }

  List<ClientSubscription> subscribers() {
    return List.of(subscribers);
  }

  /**
   * Opens the consumer, or joins an attempt in progress. Called on any thread; never blocks.
   *
   * @param user the user in whose turn it is opened. If it waits for the turn of other users, this
   *     user is added
   * @return the consumer; fails with {@code notConnected} if the subscription was closed
   */
  CompletableFuture<TopicConsumer> open(MessageBroker broker, String user) {
    CompletableFuture<TopicConsumer> opening = new CompletableFuture<>();
    CompletableFuture<TopicConsumer> present = null;
    Pending<TopicConsumer> waiting = null;
    int opened = 0;
    synchronized (this) {
      if (closed) {
        return CompletableFuture.failedFuture(
            BridgeException.notConnected("the subscription has ended"));
      }
      if (consumer != null && !consumer.isCompletedExceptionally()) {
        present = consumer;
        waiting = pending;
      } else {
        consumer = opening;
        pending = null;
        opened = ++generation;
        kept.clear();
      }
    }
    if (present != null) {
      if (waiting != null && !present.isDone()) {
        waiting.alsoFor(user);
      }
      return present;
    }
    open(broker, user, opening, opened);
    return opening;
  }

  private void open(
      MessageBroker broker, String user, CompletableFuture<TopicConsumer> opening, int opened) {
    Pending<TopicConsumer> asked =
        broker.subscribe(
            user, key.grant().destination(), key.selector(), message -> deliver(message, opened));
    asked
        .stage()
        .whenComplete(
            (topicConsumer, failure) -> {
              if (failure == null) {
                opening.complete(topicConsumer);
                opened(opening, topicConsumer);
              } else {
                opening.completeExceptionally(failure);
              }
            });
    boolean unwanted;
    List<String> others;
    synchronized (this) {
      unwanted = consumer != opening;
      if (!unwanted) {
        pending = asked;
      }
      others = usersBut(user);
    }
    if (unwanted) {
      asked.cancel();
    } else if (!opening.isDone()) {
      // Users who joined while the broker was called.
      others.forEach(asked::alsoFor);
    }
  }

  private void opened(CompletableFuture<TopicConsumer> opening, TopicConsumer topicConsumer) {
    synchronized (this) {
      if (consumer != opening) {
        return;
      }
    }
    watcher.opened(this);
    topicConsumer.lost().thenRun(() -> lost(opening));
  }

  private void lost(CompletableFuture<TopicConsumer> lost) {
    synchronized (this) {
      if (consumer != lost) {
        return;
      }
      forgetConsumer();
    }
    watcher.lost(this);
  }

  private List<String> usersBut(String user) {
    return Arrays.stream(subscribers)
        .map(subscriber -> subscriber.identity().user())
        .filter(other -> !other.equals(user))
        .distinct()
        .toList();
  }

  /** Returns whether the consumer is open. */
  synchronized boolean isOpen() {
    return consumer != null && consumer.isDone() && !consumer.isCompletedExceptionally();
  }

  /** Returns the user of a subscriber. Without subscribers, returns a name that no user has. */
  String anyUser() {
    ClientSubscription[] now = subscribers;
    return now.length == 0 ? NO_USER : now[0].identity().user();
  }

  /** Forgets a lost consumer and its retained messages, and marks a gap for every subscriber. */
  synchronized void forgetConsumer() {
    consumer = null;
    pending = null;
    kept.clear();
    for (ClientSubscription subscriber : subscribers) {
      subscriber.outage(generation);
    }
  }

  /**
   * Starts delivery to a subscriber: first retained messages, then new ones.
   *
   * @param after the {@code JMSMessageID} of the last message that the client has seen, if it wants
   *     to resume after it
   * @param last how many retained messages come first if the client does not resume
   */
  Beginning begin(ClientSubscription subscriber, Optional<String> after, int last) {
    Beginning beginning;
    long heldSince = subscriber.key().grant().heldSince();
    // Under the lock, so that no newer message is queued before the recovered ones.
    synchronized (this) {
      Optional<List<Payload>> missed =
          after
              .flatMap(id -> kept.after(id, ticker.millis(), heldSince))
              .filter(subscriber.client().outbox()::hasRoomFor);
      List<Payload> first = missed.orElseGet(() -> kept.last(last, ticker.millis(), heldSince));
      boolean fits = missed.isPresent() || subscriber.client().outbox().hasRoomFor(first);
      if (!subscriber.begin(lastPosition, (after.isPresent() && missed.isEmpty()) || !fits)) {
        return Beginning.NONE;
      }
      if (fits) {
        first.forEach(payload -> subscriber.client().outbox().appendRecovered(payload, subscriber));
      }
      beginning = missed.isPresent() ? Beginning.RECOVERED : Beginning.AFRESH;
    }
    subscriber.client().outbox().wake();
    return beginning;
  }

  /** Returns a part of the retained messages; see {@link KeptMessages#page}. */
  synchronized Optional<KeptMessages.Page> page(History wanted, long maxBytes, long heldSince) {
    return kept.page(wanted, maxBytes, ticker.millis(), heldSince);
  }

  /** Discards retained messages that may not be delivered any more. */
  synchronized void discardUncovered() {
    kept.discardUndeliverable();
  }

  /** Closes the consumer for good. Cancels the opening if its turn has not come. */
  void close() {
    CompletableFuture<TopicConsumer> last;
    Pending<TopicConsumer> unwanted;
    synchronized (this) {
      closed = true;
      last = consumer;
      unwanted = pending;
      consumer = null;
      kept.clear();
      pending = null;
    }
    if (unwanted != null) {
      unwanted.cancel();
    }
    if (last != null) {
      last.thenAccept(TopicConsumer::close);
    }
  }

  /**
   * Retains a message and queues it for each subscriber. Runs on a JMS delivery thread.
   *
   * @param receivedBy the generation of the consumer. Messages from a lost consumer are discarded;
   *     the gap covers them
   */
  private void deliver(BrokerMessage received, int receivedBy) {
    BrokerMessage message = Envelopes.read(policy().form(), named(received), metrics);
    Optional<MatchedTopic> matched =
        isPattern()
            ? Optional.of(matchedTopics.find(this, message.destination()))
            : Optional.empty();
    Optional<String> topic =
        matched
            .map(MatchedTopic::logicalName)
            .orElseGet(() -> Optional.of(key.grant().name().value()));
    if (topic.isEmpty()) {
      metrics.uncoveredTopicMessage();
      return;
    }
    if (subscribers.length == 0 && !policy().keep().isSomething()) {
      return;
    }
    Payload payload = encode(message, topic.get(), matched);
    if (policy().keep().isSomething()) {
      retention.makeRoom(this, KeptMessages.heapBytes(payload));
    }
    ClientSubscription[] receivers;
    long position;
    long evicted;
    synchronized (this) {
      if (consumer == null || receivedBy != generation) {
        return;
      }
      position = ++lastPosition;
      evicted = kept.add(message.messageId().orElse(""), payload, ticker.millis());
      receivers = subscribers;
    }
    retention.report(this, evicted);
    int delivered = 0;
    for (ClientSubscription receiver : receivers) {
      if (receiver.delivers(position)) {
        announceGaps(receiver, receivedBy);
        receiver.client().outbox().deliver(payload, receiver);
        delivered++;
      }
    }
    metrics.topicMessage(delivered);
  }

  /** Announces gaps of a subscriber before its first message after them. */
  private static void announceGaps(ClientSubscription receiver, int receivedBy) {
    if (receiver.takeNotRecovered()) {
      announce(receiver, NOT_RECOVERABLE);
    }
    if (receiver.takeGapBefore(receivedBy)) {
      announce(receiver, BROKER_OUTAGE);
    }
  }

  private static void announce(ClientSubscription receiver, GapReason reason) {
    receiver.client().tell(Gap.unknown(List.of(receiver.topic().value()), reason));
  }

  /** Returns the message with a created id if it has none, so that clients can resume after it. */
  private BrokerMessage named(BrokerMessage message) {
    return message.messageId().isPresent() ? message : message.withMessageId(nextGivenId());
  }

  private synchronized String nextGivenId() {
    if (givenIds == null) {
      givenIds = "ID:longspan-" + UUID.randomUUID() + '-';
    }
    return givenIds + ++lastGivenId;
  }

  private Payload encode(BrokerMessage message, String topic, Optional<MatchedTopic> matched) {
    Payload encoded =
        encoder
            .encodeTopicMessage(message, topic, matched.map(found -> key.grant().name().value()))
            .receivedAt(ticker.millis());
    Payload payload = matched.<Payload>map(encoded::onlyWhile).orElse(encoded);
    if (policy().slowConsumer() != SlowConsumer.LATEST) {
      return payload;
    }
    // No topic name contains the separator.
    return payload.about(
        policy()
            .latestBy()
            .map(property -> topic + '\n' + message.properties().get(property))
            .orElse(topic));
  }

  @Override
  public String toString() {
    return "topic=%s selector=%s".formatted(key.grant().name(), key.selector().isPresent());
  }
}
