package io.longspan.bridge;

import io.longspan.protocol.Notice.Gap;
import io.longspan.protocol.Notice.GapReason;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Opens lost JMS subscriptions again, and finds the clients to notify (protocol section 5).
 *
 * <p>Called on any thread, under no lock; never blocks.
 */
final class TopicReopening implements SharedSubscription.Watcher {
  private final BridgeBrokers brokers;
  private final Predicate<SharedSubscription> isPresent;
  private final Consumer<ConnectedClient> whenReopened;

  /**
   * Creates the use case.
   *
   * @param isPresent returns whether a subscription was not closed
   * @param whenReopened notified of a client with an outage: a topic is open again, or the client
   *     need not wait for a topic any more
   */
  TopicReopening(
      BridgeBrokers brokers,
      Predicate<SharedSubscription> isPresent,
      Consumer<ConnectedClient> whenReopened) {
    this.brokers = brokers;
    this.isPresent = isPresent;
    this.whenReopened = whenReopened;
  }

  /** Opens a subscription, and retries until that succeeds or the subscription is closed. */
  void reopen(SharedSubscription subscription) {
    BridgeBroker broker = broker(subscription);
    broker
        .reopenings()
        .start(
            subscription,
            () -> subscription.open(broker.broker(), subscription.anyUser()),
            () -> tellOfDeafness(subscription));
    if (!isPresent.test(subscription)) {
      // Closing may have looked for the run before the run was started.
      broker.reopenings().end(subscription);
    }
  }

  private BridgeBroker broker(SharedSubscription subscription) {
    return brokers.of(subscription.key().grant().destination());
  }

  /**
   * Announces a gap because the first attempt has failed. Another gap follows when the topic is
   * open again.
   */
  private static void tellOfDeafness(SharedSubscription subscription) {
    String name = subscription.key().grant().name().value();
    subscription.subscribers().stream()
        .filter(ClientSubscription::isDelivering)
        .forEach(s -> s.client().tell(Gap.unknown(List.of(name), GapReason.BROKER_OUTAGE)));
  }

  @Override
  public void opened(SharedSubscription subscription) {
    BridgeBroker broker = broker(subscription);
    for (ClientSubscription subscriber : subscription.subscribers()) {
      if (subscriber.hasGap() || subscriber.client().isSuspendedAt(broker)) {
        whenReopened.accept(subscriber.client());
      }
    }
  }

  @Override
  public void lost(SharedSubscription subscription) {
    broker(subscription).reopenings().lost(subscription);
    reopen(subscription);
  }

  /** Stops opening a subscription that was closed. */
  void closed(SharedSubscription subscription) {
    broker(subscription).reopenings().end(subscription);
  }

  /** Handles that a client has one topic less: the client need not wait for this one any more. */
  void left(ClientSubscription subscription) {
    ConnectedClient client = subscription.client();
    if (client.isSuspendedAt(brokers.of(subscription.key().grant().destination()))) {
      whenReopened.accept(client);
    }
  }
}
