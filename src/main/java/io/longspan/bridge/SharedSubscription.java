package io.longspan.bridge;

import static io.longspan.protocol.Answer.GapReason.BROKER_OUTAGE;

import io.longspan.bridge.MessageBroker.Pending;
import io.longspan.bridge.MessageBroker.TopicConsumer;
import io.longspan.protocol.Answer.Gap;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import io.longspan.security.TopicPolicy;
import io.longspan.security.TopicPolicy.SlowConsumer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * One JMS subscription and the web clients that share it.
 *
 * <p>Its subscribers are an immutable snapshot, replaced under this object's lock and read without
 * one on the delivery thread. The lock is never held around a call out.
 */
final class SharedSubscription {
  /** How a subscriber's messages begin. */
  enum Beginning {
    /** They do not: it has begun already, or its right was taken away. */
    NONE,
    /** With what comes from now on. */
    AFRESH,
    /** With what followed the message that the client named. */
    RECOVERED
  }

  /** Hears of the consumer; called on any thread, under no lock; must not block. */
  interface Watcher {
    /** The consumer is open. */
    void opened(SharedSubscription subscription);

    /** The consumer has ended by itself, and is forgotten. */
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

  /** Guarded by this; null while no consumer is open or being opened. */
  private CompletableFuture<TopicConsumer> consumer;

  /** Guarded by this; null while the consumer is not being opened. */
  private Pending<TopicConsumer> pending;

  /** Guarded by this: nothing is opened any more. */
  private boolean closed;

  /** Guarded by this; counts the consumers. */
  private int generation;

  /** Guarded by this but for its holder. */
  private final RetainedBytes.Charge charge;

  /** Guarded by this. */
  private final KeptMessages kept;

  /** Guarded by this; counts the messages. */
  private long lastPosition;

  /**
   * Guarded by this: how the ids begin that are given here; no other bridge or subscription knows
   * them. Null until one is given.
   */
  private String givenIds;

  /** Guarded by this. */
  private long lastGivenId;

  /** Guarded by this; counts how often the subscription became idle. */
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
   * @return the generation of the idleness that begins with it; empty: it has not begun now
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
    charge.chargeTo(retention.bytes().holder(subscriber.identity().user()));
    return Optional.of(++idleGeneration);
  }

  /** The user of all subscribers, of whom there is one at least; null where there are several. */
  private RetainedBytes.Holder onlyUser() {
    String user = subscribers[0].identity().user();
    return Arrays.stream(subscribers).allMatch(s -> s.identity().user().equals(user))
        ? retention.bytes().holder(user)
        : null;
  }

  /** Returns to whom the retained messages are charged; null: to no single user. */
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
    return subscribers.length == 0;
  }

  synchronized boolean isIdleSince(int generation) {
    return subscribers.length == 0 && idleGeneration == generation;
  }

  List<ClientSubscription> subscribers() {
    return List.of(subscribers);
  }

  /**
   * Opens the JMS consumer unless it is open; fails where the subscription was closed.
   *
   * @param user in whose turn; where it waits for the turn of another user, it waits for both
   */
  CompletableFuture<TopicConsumer> open(MessageBroker broker, String user) {
    CompletableFuture<TopicConsumer> opening = new CompletableFuture<>();
    CompletableFuture<TopicConsumer> present = null;
    Pending<TopicConsumer> waiting = null;
    int opened = 0;
    synchronized (this) {
      if (closed) {
        return CompletableFuture.failedFuture(
            BridgeException.notConnected("nobody is subscribed any more"));
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
      // Those who joined while the broker was asked.
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

  /** Returns whether the JMS consumer is open. */
  synchronized boolean isOpen() {
    return consumer != null && consumer.isDone() && !consumer.isCompletedExceptionally();
  }

  /** Returns a user who waits for it; a name that no user has where nobody does. */
  String anyUser() {
    ClientSubscription[] now = subscribers;
    return now.length == 0 ? NO_USER : now[0].identity().user();
  }

  /** Forgets the consumer: it was lost, with its connection or alone. */
  synchronized void forgetConsumer() {
    consumer = null;
    pending = null;
    kept.clear();
    for (ClientSubscription subscriber : subscribers) {
      subscriber.outage(generation);
    }
  }

  /**
   * Begins to deliver to a subscriber: first what followed a message, then what comes.
   *
   * @param after the {@code JMSMessageID} of the last message that the client has seen, if it asks
   *     to go on after it
   */
  Beginning begin(ClientSubscription subscriber, Optional<String> after) {
    Beginning beginning;
    long heldSince = subscriber.key().grant().heldSince();
    // Under the lock, so that nothing newer is delivered before what was missed.
    synchronized (this) {
      Optional<List<Payload>> missed =
          after.flatMap(id -> kept.after(id, ticker.millis(), heldSince));
      if (!subscriber.begin(lastPosition)) {
        return Beginning.NONE;
      }
      missed
          .orElse(List.of())
          .forEach(payload -> subscriber.client().outbox().append(payload, subscriber));
      beginning = missed.isPresent() ? Beginning.RECOVERED : Beginning.AFRESH;
    }
    subscriber.client().outbox().wake();
    return beginning;
  }

  /** Discards retained messages that may no longer be delivered. */
  synchronized void discardUncovered() {
    kept.discardUndeliverable();
  }

  /** Closes the consumer for good, or lets it not be opened where that has not begun. */
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
   * Runs on a JMS delivery thread.
   *
   * @param receivedBy the generation of the consumer: what one that is lost still has is part of
   *     what was missed
   */
  private void deliver(BrokerMessage received, int receivedBy) {
    BrokerMessage message = named(received);
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
        if (receiver.takeGapBefore(receivedBy)) {
          // Before the first message after the outage, whenever the client hears that it is over.
          receiver.client().tell(Gap.unknown(List.of(receiver.topic().value()), BROKER_OUTAGE));
        }
        receiver.client().outbox().deliver(payload, receiver);
        delivered++;
      }
    }
    metrics.topicMessage(delivered);
  }

  /** Gives a message an id, by which a client can go on after it, if its sender gave it none. */
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
        encoder.encodeTopicMessage(
            message, topic, matched.map(found -> key.grant().name().value()));
    Payload payload = matched.<Payload>map(encoded::onlyWhile).orElse(encoded);
    if (policy().slowConsumer() != SlowConsumer.LATEST) {
      return payload;
    }
    // The separator is in no topic's name.
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
