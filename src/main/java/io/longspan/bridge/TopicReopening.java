package io.longspan.bridge;

import io.longspan.protocol.Answer.Gap;
import io.longspan.protocol.Answer.GapReason;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Opens JMS subscriptions again that were lost, with the connection or alone, and finds who is to
 * be told (protocol section 5).
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
   * @param isPresent tells whether a subscription has not been closed
   * @param whenReopened hears of each client that is to be told of topics that are open again
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

  /** Opens a subscription, now or later, unless it is closed before. */
  void reopen(SharedSubscription subscription) {
    reopenings.start(
        subscription,
        () -> subscription.open(broker, subscription.anyUser()),
        () -> tellOfDeafness(subscription));
    if (!isPresent.test(subscription)) {
      // It was closed meanwhile, and whoever has closed it may have looked before.
      reopenings.end(subscription);
    }
  }

  /** Messages are missed from now on; when the topic is open again, that is told once more. */
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

  /** A subscription has been closed. */
  void closed(SharedSubscription subscription) {
    reopenings.end(subscription);
  }

  /** A client is subscribed to one topic less: it need not wait for that one. */
  void left(ConnectedClient client) {
    if (client.isSuspended()) {
      whenReopened.accept(client);
    }
  }
}
