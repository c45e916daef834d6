package io.longspan.bridge;

import io.longspan.concurrent.InternalErrors;
import io.longspan.deliveries.ClientDeliveries;
import io.longspan.deliveries.Delivery;
import io.longspan.deliveries.DeliveryConsumer;
import io.longspan.deliveries.DeliverySource;
import io.longspan.deliveries.Settlement;
import io.longspan.deliveries.Settlement.Release;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.BrokerMessage;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.Payload;
import io.longspan.protocol.PayloadEncoder;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All subscriptions to queues and all durable subscriptions in use, with their consumers at the
 * brokers (protocol sections 15 and 16). Opens the consumers again that were lost.
 *
 * <p>Called on any thread; never blocks.
 */
final class QueueSubscriptions {
  private static final Logger LOG = LoggerFactory.getLogger(QueueSubscriptions.class);

  /** How long a client gets no message after its user's memory was full, in milliseconds. */
  private static final long PAUSE_WITHOUT_MEMORY = 1000;

  private final BridgeBrokers brokers;
  private final QueueLimits limits;
  private final QueueLimits durableLimits;
  private final DurableHolders holders;
  private final PayloadEncoder encoder;
  private final BridgeMetrics metrics;
  private final Scheduler scheduler;
  private final Ticker ticker;
  private final Set<QueueSubscription> all = ConcurrentHashMap.newKeySet();

  QueueSubscriptions(
      BridgeBrokers brokers,
      QueueLimits limits,
      QueueLimits durableLimits,
      DurableHolders holders,
      PayloadEncoder encoder,
      BridgeMetrics metrics,
      Scheduler scheduler,
      Ticker ticker) {
    this.brokers = brokers;
    this.limits = limits;
    this.durableLimits = durableLimits;
    this.holders = holders;
    this.encoder = encoder;
    this.metrics = metrics;
    this.scheduler = scheduler;
    this.ticker = ticker;
  }

  /**
   * Charges a subscription and opens its consumer. Messages wait until {@link #begin}.
   *
   * @param selectorCost in comparisons
   * @return fails as {@link MessageBroker#consumeDeliveries}; the subscription has ended then
   * @throws BridgeException {@code limitExceeded}
   */
  CompletionStage<Void> start(QueueSubscription subscription, int selectorCost) {
    charge(subscription, selectorCost);
    return open(subscription)
        .whenComplete(
            (open, failure) -> {
              if (failure != null) {
                end(subscription);
              }
            });
  }

  /**
   * Charges a subscription without opening its consumer. {@link #open} or {@link #end} must follow.
   *
   * @param selectorCost in comparisons
   * @throws BridgeException {@code limitExceeded}
   */
  void charge(QueueSubscription subscription, int selectorCost) {
    limits(subscription).charge(subscription, selectorCost);
    all.add(subscription);
    subscription.client().at(broker(subscription));
  }

  private QueueLimits limits(QueueSubscription subscription) {
    return subscription.durable().isPresent() ? durableLimits : limits;
  }

  private BridgeBroker broker(QueueSubscription subscription) {
    return brokers.of(subscription.grant().destination());
  }

  /**
   * Opens the consumer of a subscription. Without effect if it has one or none is wanted.
   *
   * @return fails as {@link MessageBroker#consumeDeliveries}
   */
  CompletionStage<Void> open(QueueSubscription subscription) {
    int number = subscription.beginOpening();
    if (number == 0) {
      return CompletableFuture.completedFuture(null);
    }
    return broker(subscription)
        .broker()
        .consumeDeliveries(
            source(subscription), delivery -> received(subscription, number, delivery))
        .thenAccept(consumer -> opened(subscription, number, consumer));
  }

  private static DeliverySource source(QueueSubscription subscription) {
    String user = subscription.identity().user();
    return subscription
        .durable()
        .map(durable -> DeliverySource.of(user, durable, subscription.selector()))
        .orElseGet(
            () ->
                new DeliverySource(
                    user,
                    subscription.grant().destination(),
                    subscription.selector(),
                    subscription.prefetch()));
  }

  private void opened(QueueSubscription subscription, int number, DeliveryConsumer consumer) {
    if (!subscription.opened(number, consumer)) {
      consumer.close();
      return;
    }
    if (subscription.durable().isPresent()) {
      holders.opened(subscription);
    }
    consumer.lost().thenRun(() -> lost(subscription, consumer));
  }

  private void lost(QueueSubscription subscription, DeliveryConsumer consumer) {
    if (subscription.isPresent(consumer)) {
      forget(subscription);
      broker(subscription).reopenings().lost(subscription);
      reopen(subscription);
    }
  }

  /** Makes the handles void and ignores what the lost consumer still hands over. */
  private static void forget(QueueSubscription subscription) {
    subscription.lost();
    subscription.client().deliveries().ifPresent(deliveries -> deliveries.forget(subscription));
  }

  private void reopen(QueueSubscription subscription) {
    Reopenings reopenings = broker(subscription).reopenings();
    reopenings.start(subscription, () -> openAgain(subscription), () -> {});
    if (!subscription.isAlive()) {
      reopenings.end(subscription);
    }
  }

  private CompletionStage<Void> openAgain(QueueSubscription subscription) {
    return open(subscription)
        .whenComplete(
            (open, failure) -> {
              if (failure != null && BridgeException.from(failure).code() == ErrorCode.IN_USE) {
                // A newer session elsewhere answers with its claim, an older one ends.
                holders.claim(subscription);
              }
            });
  }

  /** Delivers from now on: the answer is queued. */
  void begin(QueueSubscription subscription) {
    for (QueueSubscription.Early waiting : subscription.begin()) {
      received(subscription, waiting.generation(), waiting.delivery());
    }
  }

  private void received(QueueSubscription subscription, int number, Delivery delivery) {
    if (subscription.arrived(number, delivery) != QueueSubscription.Arrival.DELIVER) {
      return;
    }
    BrokerMessage message = delivery.message();
    if (message.expiresAt() != BrokerMessage.NEVER && message.expiresAt() <= ticker.millis()) {
      // The broker would have discarded it, had it looked in time.
      metrics.undelivered(Undelivered.EXPIRED);
      delivery.settle(Settlement.ACKNOWLEDGE);
      return;
    }
    ClientDeliveries deliveries = deliveries(subscription.client());
    String handle = deliveries.newHandle();
    String name = subscription.grant().name().value();
    Payload payload =
        subscription.durable().isPresent()
            ? encoder.encodeDurableMessage(message, name, delivery.isRedelivered(), handle)
            : encoder.encodeQueueMessage(message, name, delivery.count(), handle);
    ClientOutbox outbox = subscription.client().outbox();
    if (payload.isTooLarge()) {
      LOG.warn("message is too large, it is rejected {}", subscription);
      metrics.undelivered(Undelivered.TOO_LARGE);
      metrics.deliverySettled(DeliveryOutcome.UNDELIVERABLE);
      delivery.settle(subscription.reject(Optional.of("tooLarge")));
    } else if (outbox.exceeds(payload)
        || !deliveries.add(subscription, delivery, handle, payload.heapBytes())) {
      metrics.deliverySettled(DeliveryOutcome.UNDELIVERABLE);
      delivery.settle(new Release(0, PAUSE_WITHOUT_MEMORY));
    } else {
      Payload valid = payload.onlyWhile(() -> deliveries.holds(handle));
      if (deliveries.isSettling()) {
        outbox.deliverWithNext(valid, subscription);
      } else {
        outbox.deliver(valid, subscription);
      }
      if (!subscription.isDelivering(number)) {
        // The consumer has ended meanwhile.
        deliveries.forget(handle);
      }
    }
  }

  /** Returns the table of a client's deliveries. */
  ClientDeliveries deliveries(ConnectedClient client) {
    return client.deliveries(
        () ->
            new ClientDeliveries(
                client.session().account(),
                RandomText::next,
                ticker::millis,
                scheduler::schedule,
                () -> client.session().state() == ClientSession.State.SUSPENDED));
  }

  /**
   * Stops a subscription until {@link #resume}: its handles are void, and the broker takes back all
   * messages.
   */
  void pause(QueueSubscription subscription) {
    Optional<DeliveryConsumer> consumer = subscription.pause();
    forget(subscription);
    consumer.ifPresent(this::close);
  }

  /** Resumes a subscription that was stopped. */
  void resume(QueueSubscription subscription) {
    if (subscription.resume() && broker(subscription).broker().isConnected()) {
      reopen(subscription);
    }
  }

  /**
   * Ends a subscription. The broker takes back all messages.
   *
   * @return completes when it has taken them back; fails if the connection is lost
   */
  CompletionStage<Void> end(QueueSubscription subscription) {
    Optional<Optional<DeliveryConsumer>> ended = subscription.end();
    if (ended.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    forget(subscription);
    all.remove(subscription);
    limits(subscription).release(subscription);
    if (subscription.durable().isPresent()) {
      holders.ended(subscription);
    }
    broker(subscription).reopenings().end(subscription);
    return ended.get().map(this::close).orElse(CompletableFuture.completedFuture(null));
  }

  private CompletionStage<Void> close(DeliveryConsumer consumer) {
    return consumer
        .close()
        .whenComplete(
            (closed, failure) -> {
              if (failure != null
                  && BridgeException.from(failure).code() != ErrorCode.BROKER_UNAVAILABLE) {
                LOG.warn(
                    "queue consumer not closed, it may remain until the connection ends", failure);
              }
            });
  }

  /** Handles the loss of a connection: the broker has all messages. */
  void connectionLost(BridgeBroker broker) {
    for (QueueSubscription subscription : at(broker)) {
      InternalErrors.guard(
          () -> "the loss of the consumer of " + subscription, () -> forget(subscription));
    }
  }

  /**
   * Consumes again on a new connection. Subscriptions that have begun since it is there have their
   * consumer already.
   */
  void reopenAll(BridgeBroker broker) {
    at(broker).forEach(this::reopen);
  }

  private List<QueueSubscription> at(BridgeBroker broker) {
    return all.stream()
        .filter(each -> each.grant().destination().broker().equals(broker.name()))
        .toList();
  }

  /** Returns all subscriptions. */
  Collection<QueueSubscription> all() {
    return List.copyOf(all);
  }

  /** Returns the number of subscriptions to queues. */
  int queues() {
    return limits.size();
  }

  /** Returns the number of durable subscriptions in use. */
  int durables() {
    return durableLimits.size();
  }

  /**
   * Ends a durable subscription whose right is gone, and deletes it at the broker, so that a right
   * that is given back later does not reach what was published without it.
   */
  void endAndDelete(QueueSubscription subscription) {
    end(subscription)
        .handle((ended, lost) -> null)
        .thenCompose(
            ended ->
                broker(subscription)
                    .broker()
                    .deleteSubscription(
                        subscription.identity().user(), subscription.durable().orElseThrow()))
        .whenComplete(
            (deleted, failure) -> {
              if (failure == null) {
                holders.deleted(subscription.durable().orElseThrow());
              } else {
                LOG.warn(
                    "durable subscription not deleted, an operator must delete it name={} error={}",
                    subscription.durable().orElseThrow().name(),
                    BridgeException.from(failure).toBayeuxError());
              }
            });
  }
}
