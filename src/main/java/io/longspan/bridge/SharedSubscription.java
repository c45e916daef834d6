package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.TopicConsumer;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One JMS subscription and the web clients that share it.
 *
 * <p>Its subscribers are an immutable snapshot, replaced under this object's lock and read without
 * one on the delivery thread. The lock is never held around a call out.
 */
final class SharedSubscription {
  private static final ClientSubscription[] NOBODY = {};

  private final TopicSubscriptions.Key key;
  private final PayloadEncoder encoder;
  private final BridgeMetrics metrics;

  private volatile ClientSubscription[] subscribers = NOBODY;

  /** Guarded by this; null while no consumer is open or being opened. */
  private CompletableFuture<TopicConsumer> consumer;

  /** Guarded by this; counts how often the subscription became idle. */
  private int idleGeneration;

  SharedSubscription(TopicSubscriptions.Key key, PayloadEncoder encoder, BridgeMetrics metrics) {
    this.key = key;
    this.encoder = encoder;
    this.metrics = metrics;
  }

  TopicSubscriptions.Key key() {
    return key;
  }

  synchronized void add(ClientSubscription subscriber) {
    if (!List.of(subscribers).contains(subscriber)) {
      ClientSubscription[] more = Arrays.copyOf(subscribers, subscribers.length + 1);
      more[subscribers.length] = subscriber;
      subscribers = more;
    }
  }

  /** Removes a subscriber; returns the generation of the idleness if nobody is left. */
  synchronized Optional<Integer> remove(ClientSubscription subscriber) {
    subscribers =
        Arrays.stream(subscribers).filter(s -> s != subscriber).toArray(ClientSubscription[]::new);
    return subscribers.length == 0 ? Optional.of(++idleGeneration) : Optional.empty();
  }

  synchronized boolean isIdleSince(int generation) {
    return subscribers.length == 0 && idleGeneration == generation;
  }

  List<ClientSubscription> subscribers() {
    return List.of(subscribers);
  }

  /** Opens the JMS consumer unless it is open or being opened. */
  CompletableFuture<TopicConsumer> open(MessageBroker broker) {
    CompletableFuture<TopicConsumer> opening = new CompletableFuture<>();
    synchronized (this) {
      if (consumer != null && !consumer.isCompletedExceptionally()) {
        return consumer;
      }
      consumer = opening;
    }
    broker
        .subscribe(key.grant().destination(), key.selector(), this::deliver)
        .whenComplete(
            (opened, failure) -> {
              if (failure == null) {
                opening.complete(opened);
              } else {
                opening.completeExceptionally(failure);
              }
            });
    return opening;
  }

  /** Forgets the consumer: it was lost with its connection. */
  synchronized void forgetConsumer() {
    consumer = null;
  }

  /** Closes the consumer, as soon as it is open. */
  void close() {
    CompletableFuture<TopicConsumer> last;
    synchronized (this) {
      last = consumer;
      consumer = null;
    }
    if (last != null) {
      last.thenAccept(TopicConsumer::close);
    }
  }

  /** Runs on a JMS delivery thread. */
  private void deliver(BrokerMessage message) {
    boolean pattern = key.grant().name().pattern();
    Optional<String> topic =
        pattern
            ? key.grant().topicNames().logicalNameOf(message.destination())
            : Optional.of(key.grant().name().value());
    if (topic.isEmpty()) {
      metrics.uncoveredTopicMessage();
      return;
    }
    ClientSubscription[] receivers = subscribers;
    if (receivers.length == 0) {
      return;
    }
    Payload payload =
        encoder.encodeTopicMessage(
            message,
            topic.get(),
            pattern ? Optional.of(key.grant().name().value()) : Optional.empty());
    int delivered = 0;
    for (ClientSubscription receiver : receivers) {
      if (receiver.delivers()) {
        receiver.session().outbox().deliver(payload, receiver);
        delivered++;
      }
    }
    metrics.topicMessage(delivered);
  }
}
