package io.longspan.bridge;

import io.longspan.protocol.Answer;
import io.longspan.protocol.Answer.GapReason;
import io.longspan.security.AccessPolicy;
import io.longspan.security.Identity;
import io.longspan.security.RightsChange;
import io.longspan.security.TopicGrant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks subscriptions when rights change, and ends those that are no longer granted (protocol
 * sections 5 and 11). Only an answer ends a subscription, or the silence of a service that was
 * asked. A subscription whose question waits for want of capacity is suspended: nothing of it is
 * delivered until its right is confirmed. Its messages are kept until then, unless another change
 * makes it doubtful to which of them the answer applies.
 *
 * <p>Each subscription has one {@link RightCheck} at a time. The checks act on the subscriptions
 * themselves and not through their clients' mailboxes, so that a command which waits delays no
 * revocation.
 */
final class AccessRevocation implements RightCheck.Outcome {
  /** How long after a change a right may remain unconfirmed, in milliseconds. */
  static final long CONFIRMATION_TIME = 750;

  /** The same after an outage in which changes may have been missed, in milliseconds. */
  static final long CONFIRMATION_TIME_AFTER_OUTAGE = 30_000;

  private static final Logger LOG = LoggerFactory.getLogger(AccessRevocation.class);

  private final String bridgeId;
  private final AccessPolicy accessPolicy;
  private final TopicSubscriptions subscriptions;
  private final BridgeMetrics metrics;
  private final Executor commandPool;
  private final Scheduler scheduler;
  private final ConcurrentMap<ClientSubscription, RightCheck> checks = new ConcurrentHashMap<>();

  private final ClientsToVisit otherRoles;

  /** Written by whoever listens to the topic of authorisation events. */
  private volatile boolean hearsChanges;

  /**
   * Their outboxes hold messages that may not be delivered; to free the memory, for many at once.
   */
  private final ClientsToVisit undeliverable;

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
    this.otherRoles = new ClientsToVisit(commandPool, this::checkOtherRoles);
    this.undeliverable =
        new ClientsToVisit(
            commandPool, clients -> clients.forEach(c -> c.outbox().discardUndeliverable()));
  }

  /**
   * Rights have changed: every subscription that this concerns is confirmed or ends. Called on any
   * thread, JMS delivery threads included; returns at once.
   */
  void changed(RightsChange change) {
    accessPolicy.changed(change);
    commandPool.execute(
        () ->
            check(
                subscription -> change.affects(subscription.identity(), subscription.topic()),
                CONFIRMATION_TIME));
    commandPool.execute(subscriptions::discardUncovered);
  }

  /**
   * The connection to the broker is lost, and with it the answers to what was asked. Called before
   * the questions fail.
   */
  void connectionLost() {
    hearsChanges = false;
    accessPolicy.hearsChanges(false);
    List.copyOf(checks.values())
        .forEach(
            check -> {
              checks.remove(check.subscription(), check);
              check.abandon();
            });
  }

  /**
   * Changes are heard again, and some may have been missed. The authorisation service may need its
   * time to come back.
   */
  void heard() {
    hearsChanges = true;
    accessPolicy.hearsChanges(true);
    accessPolicy.changed(RightsChange.EVERYTHING);
    commandPool.execute(() -> check(subscription -> true, CONFIRMATION_TIME_AFTER_OUTAGE));
  }

  /**
   * Changes cannot be heard, though there is a connection: what only they take away is granted to
   * nobody, and suspended until they are heard and it is confirmed.
   */
  void unheard() {
    hearsChanges = false;
    accessPolicy.hearsChanges(false);
    accessPolicy.changed(RightsChange.EVERYTHING);
    commandPool.execute(this::suspendUntilHeard);
  }

  private void suspendUntilHeard() {
    List<ClientSubscription> suspended =
        subscriptions.all().stream()
            .filter(s -> s.isAlive() && accessPolicy.needsEvents(s.identity(), s.topic()))
            .filter(ClientSubscription::suspendAndDiscard)
            .toList();
    suspended.forEach(this::suspended);
    if (hearsChanges) {
      // They are heard again, and were checked before they were suspended.
      check(suspended, CONFIRMATION_TIME_AFTER_OUTAGE);
    }
  }

  /** The client's roles have changed. Changes that come together are looked at together. */
  void rolesChanged(ConnectedClient client) {
    otherRoles.add(client);
  }

  private void checkOtherRoles(Set<ConnectedClient> clients) {
    check(subscription -> clients.contains(subscription.client()), CONFIRMATION_TIME);
  }

  private void check(Predicate<ClientSubscription> concerned, long confirmationTime) {
    check(subscriptions.all().stream().filter(concerned).toList(), confirmationTime);
  }

  private void check(List<ClientSubscription> concerned, long confirmationTime) {
    List<RightCheck> started = new ArrayList<>(concerned.size());
    for (ClientSubscription subscription : concerned) {
      RightCheck check = new RightCheck(subscription, accessPolicy, scheduler, this);
      RightCheck present = checks.putIfAbsent(subscription, check);
      if (present != null) {
        present.changedAgain();
      }
      started.add(present == null ? check : present);
    }
    if (!started.isEmpty()) {
      metrics.subscriptionsChecked(started.size());
      scheduler.schedule(() -> started.forEach(RightCheck::overdue), confirmationTime);
      started.forEach(RightCheck::ask);
    }
  }

  @Override
  public void suspended(ClientSubscription subscription) {
    undeliverable.add(subscription.client());
    metrics.subscriptionSuspended();
    LOG.info("subscription suspended bridge={} {}", bridgeId, subscription);
  }

  /**
   * A change that came while the check ended has found the check and relied on it, or comes later
   * and finds none. So the change is looked for again when the check can no longer be found.
   */
  @Override
  public void confirmed(RightCheck check, TopicGrant grant, Identity identity) {
    ClientSubscription subscription = check.subscription();
    if (isCurrent(subscription, grant, identity)
        && !subscription.client().outbox().resume(subscription)) {
      subscription.resumeAfterLoss(() -> tellOfLoss(subscription));
    }
    checks.remove(subscription, check);
    if (!isCurrent(subscription, grant, identity) && subscription.isAlive()) {
      keepNothingOf(subscription);
      check(List.of(subscription), CONFIRMATION_TIME);
    }
  }

  /** Another change has come: what is kept may be older than the right that is confirmed. */
  @Override
  public void keepNothingOf(ClientSubscription subscription) {
    subscription.keepNoLonger();
    undeliverable.add(subscription.client());
  }

  private boolean isCurrent(ClientSubscription subscription, TopicGrant grant, Identity identity) {
    return subscription.client().identity() == identity && accessPolicy.isCurrent(identity, grant);
  }

  private static void tellOfLoss(ClientSubscription subscription) {
    if (subscription.isAlive()) {
      subscription
          .client()
          .tell(
              Answer.Gap.unknown(List.of(subscription.topic().value()), GapReason.NOT_RECOVERABLE));
    }
  }

  @Override
  public void refused(RightCheck check) {
    checks.remove(check.subscription(), check);
    revoke(check.subscription());
  }

  private void revoke(ClientSubscription subscription) {
    ClientSubscription.Revocation found = subscription.revoke();
    if (found == ClientSubscription.Revocation.NONE) {
      return;
    }
    subscriptions.leave(subscription);
    ConnectedClient client = subscription.client();
    undeliverable.add(client);
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
