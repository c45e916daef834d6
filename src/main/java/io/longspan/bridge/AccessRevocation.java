package io.longspan.bridge;

import io.longspan.protocol.Answer;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import io.longspan.security.AccessPolicy;
import io.longspan.security.RightsChange;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes subscriptions away when rights are (protocol sections 5 and 11). It acts on the
 * subscriptions themselves and not through their clients' mailboxes, so that a command which waits
 * holds no revocation up.
 */
final class AccessRevocation {
  /** How long after a change its subscribers may keep what nobody confirms, in milliseconds. */
  static final long CONFIRMATION_TIME = 750;

  /** As long, after an outage in which changes may have been missed, in milliseconds. */
  static final long CONFIRMATION_TIME_AFTER_OUTAGE = 30_000;

  /** How often it is asked again after an outage, in milliseconds. */
  private static final long RETRY = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(AccessRevocation.class);

  private final String bridgeId;
  private final AccessPolicy accessPolicy;
  private final TopicSubscriptions subscriptions;
  private final BridgeMetrics metrics;
  private final Executor commandPool;
  private final Scheduler scheduler;

  AccessRevocation(
      String bridgeId,
      AccessPolicy accessPolicy,
      TopicSubscriptions subscriptions,
      BridgeMetrics metrics,
      Executor commandPool,
      Scheduler scheduler) {
    this.bridgeId = bridgeId;
    this.accessPolicy = accessPolicy;
    this.subscriptions = subscriptions;
    this.metrics = metrics;
    this.commandPool = commandPool;
    this.scheduler = scheduler;
  }

  /**
   * Rights have changed: every subscription that this concerns is confirmed or ends. Called on any
   * thread, JMS delivery threads included; returns at once.
   */
  void changed(RightsChange change) {
    accessPolicy.changed(change);
    recheck(
        subscription -> change.affects(subscription.identity(), subscription.topic()),
        CONFIRMATION_TIME);
    commandPool.execute(subscriptions::discardUncovered);
  }

  /** Changes may have been missed; the authorisation service may need its time to come back. */
  void connectionRestored() {
    accessPolicy.changed(RightsChange.EVERYTHING);
    recheck(subscription -> true, CONFIRMATION_TIME_AFTER_OUTAGE);
  }

  /** The client's roles have changed. */
  void rolesChanged(ConnectedClient client) {
    recheck(subscription -> subscription.client() == client, CONFIRMATION_TIME);
  }

  private void recheck(Predicate<ClientSubscription> concerned, long confirmationTime) {
    commandPool.execute(
        () ->
            subscriptions.all().stream()
                .filter(concerned)
                .forEach(subscription -> confirm(subscription, confirmationTime)));
  }

  private void confirm(ClientSubscription subscription, long confirmationTime) {
    AtomicBoolean decided = new AtomicBoolean();
    scheduler.schedule(
        () -> {
          if (decided.compareAndSet(false, true)) {
            revoke(subscription);
          }
        },
        confirmationTime);
    ask(subscription, decided);
  }

  private void ask(ClientSubscription subscription, AtomicBoolean decided) {
    if (decided.get()) {
      return;
    }
    accessPolicy
        .mayStay(subscription.client().identity(), subscription.topic())
        .whenComplete(
            (grant, failure) -> {
              if (failure != null
                  && BridgeException.from(failure).code() == ErrorCode.BROKER_UNAVAILABLE) {
                scheduler.schedule(() -> ask(subscription, decided), RETRY);
              } else if (decided.compareAndSet(false, true)
                  && (failure != null || !grant.isSameAs(subscription.key().grant()))) {
                revoke(subscription);
              }
            });
  }

  private void revoke(ClientSubscription subscription) {
    ClientSubscription.Revocation found = subscription.revoke();
    if (found == ClientSubscription.Revocation.NONE) {
      return;
    }
    subscriptions.leave(subscription);
    ConnectedClient client = subscription.client();
    client.outbox().discardRevoked();
    metrics.accessRevoked();
    LOG.info("access revoked bridge={} {}", bridgeId, subscription);
    if (found == ClientSubscription.Revocation.ANNOUNCED) {
      tell(subscription);
    }
    client.inMailbox(
        () -> {
          client.topics().remove(subscription.topic().value(), subscription);
          return null;
        });
  }

  /** Tells a client that a subscription it knows of was taken away. */
  static void tell(ClientSubscription subscription) {
    subscription.client().tell(new Answer.TopicUnsubscribed(List.of(subscription.topic().value())));
  }
}
