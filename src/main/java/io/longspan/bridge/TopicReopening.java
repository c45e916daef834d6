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
  private final MessageBroker broker;
  private final Reopenings reopenings;
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
      MessageBroker broker,
      Reopenings reopenings,
      Predicate<SharedSubscription> isPresent,
      Consumer<ConnectedClient> whenReopened) {
    this.broker = broker;
    this.reopenings = reopenings;
    this.isPresent = isPresent;
    this.whenReopened = whenReopened;
  }

  /** Opens a subscription, and retries until that succeeds or the subscription is closed. */
  void reopen(SharedSubscription subscription) {
    reopenings.start(
        subscription,
        () -> subscription.open(broker, subscription.anyUser()),
        () -> tellOfDeafness(subscription));
    if (!isPresent.test(subscription)) {
      // Closing may have looked for the run before the run was started.
      reopenings.end(subscription);
    }
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
    for (ClientSubscription subscriber : subscription.subscribers()) {
      if (subscriber.hasGap() || subscriber.client().isSuspended()) {
        whenReopened.accept(subscriber.client());
      }
    }
  }

  @Override
  public void lost(SharedSubscription subscription) {
    reopenings.lost(subscription);
    reopen(subscription);
  }

  /** Stops opening a subscription that was closed. */
  void closed(SharedSubscription subscription) {
    reopenings.end(subscription);
  }

  /** Handles that a client has one topic less: the client need not wait for this one any more. */
  void left(ConnectedClient client) {
    if (client.isSuspended()) {
      whenReopened.accept(client);
    }
  }
}
