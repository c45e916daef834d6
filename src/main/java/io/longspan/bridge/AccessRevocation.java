package io.longspan.bridge;

import io.longspan.access.AccessPolicy;
import io.longspan.access.RightsChange;
import io.longspan.access.TopicGrant;
import io.longspan.audit.AuditEvent;
import io.longspan.audit.AuditLog;
import io.longspan.identity.Identity;
import io.longspan.protocol.Notice;
import io.longspan.protocol.Notice.GapReason;
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
 * sections 5 and 11). A subscription ends if its right is refused, if the service alone is silent,
 * or if its suspension lasts too long.
 *
 * <p>If a right is not confirmed in time, the subscription is suspended: nothing is delivered until
 * the right is confirmed. Its messages are withheld meanwhile. If rights change again, they are
 * discarded, because the answer may not cover them. A silent service counts as a refusal only if
 * the broker delivers messages at that time.
 *
 * <p>Each subscription has at most one {@link RightCheck}. Checks act on the subscription itself,
 * not through its client's mailbox, so that no waiting command delays a revocation.
 */
final class AccessRevocation implements RightCheck.Outcome {
  /** The deadline for confirming a right after a change, in milliseconds. */
  static final long CONFIRMATION_TIME = 750;

  /** The same deadline after an outage in which changes may have been missed, in milliseconds. */
  static final long CONFIRMATION_TIME_AFTER_OUTAGE = 30_000;

  /**
   * The minimum time that a service has for its answer after the broker has shown that it delivers
   * messages, in milliseconds. It has as much time as the broker needed, if that is more.
   */
  static final long GRACE = 100;

  private static final Logger LOG = LoggerFactory.getLogger(AccessRevocation.class);

  private final String bridgeId;
  private final MessageBroker broker;
  private final AccessPolicy accessPolicy;
  private final TopicSubscriptions subscriptions;
  private final BridgePresence presence;
  private final BridgeMetrics metrics;
  private final AuditLog audit;
  private final Executor commandPool;
  private final Scheduler scheduler;
  private final Ticker ticker;
  private final ConcurrentMap<ClientSubscription, RightCheck> checks = new ConcurrentHashMap<>();

  private final ClientsToVisit otherRoles;
  private final QueueRights queueRights;

  /** Written by the listener of the topic of authorisation events. */
  private volatile boolean hearsChanges;

  /**
   * Clients whose outboxes hold messages that may not be delivered. They are visited to free the
   * memory.
   */
  private final ClientsToVisit undeliverable;

  AccessRevocation(
      String bridgeId,
      MessageBroker broker,
      AccessPolicy accessPolicy,
      TopicSubscriptions subscriptions,
      BridgePresence presence,
      QueueRights queueRights,
      BridgeMetrics metrics,
      AuditLog audit,
      Executor commandPool,
      Scheduler scheduler,
      Ticker ticker) {
    this.bridgeId = bridgeId;
    this.broker = broker;
    this.accessPolicy = accessPolicy;
    this.subscriptions = subscriptions;
    this.presence = presence;
    this.queueRights = queueRights;
    this.metrics = metrics;
    this.audit = audit;
    this.commandPool = commandPool;
    this.scheduler = scheduler;
    this.ticker = ticker;
    this.otherRoles = new ClientsToVisit(commandPool, this::checkOtherRoles);
    this.undeliverable =
        new ClientsToVisit(
            commandPool, clients -> clients.forEach(c -> c.outbox().discardUndeliverable()));
  }

  /**
   * Handles a change of rights: each affected subscription is confirmed, suspended or ended. Called
   * on any thread, JMS delivery threads included; returns at once.
   */
  void changed(RightsChange change) {
    accessPolicy.changed(change);
    commandPool.execute(
        () ->
            check(
                subscription -> change.affects(subscription.identity(), subscription.topic()),
                CONFIRMATION_TIME));
    commandPool.execute(subscriptions::discardUncovered);
    queueRights.changed(change);
  }

  /**
   * Ends all checks: the connection is lost, so no answer can arrive. Must be called before the
   * questions in flight are failed.
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
   * Handles that the bridge receives authorisation events again. Some may have been missed, so
   * every right is checked. The deadline is longer, because the authorisation service may be
   * recovering too.
   */
  void heard() {
    hearsChanges = true;
    accessPolicy.hearsChanges(true);
    accessPolicy.changed(RightsChange.EVERYTHING);
    commandPool.execute(() -> check(subscription -> true, CONFIRMATION_TIME_AFTER_OUTAGE));
    queueRights.heard();
  }

  /**
   * Handles that the bridge cannot receive authorisation events although there is a connection.
   * Rights that only events revoke are not granted any more. Subscriptions with such rights are
   * suspended until events are received and the right is confirmed.
   */
  void unheard() {
    hearsChanges = false;
    accessPolicy.hearsChanges(false);
    accessPolicy.changed(RightsChange.EVERYTHING);
    commandPool.execute(this::suspendUntilHeard);
    queueRights.unheard();
  }

  private void suspendUntilHeard() {
    List<ClientSubscription> suspended =
        subscriptions.all().stream()
            .filter(s -> s.isAlive() && accessPolicy.needsEvents(s.identity(), s.topic()))
            .filter(ClientSubscription::suspendAndDiscard)
            .toList();
    suspended.forEach(this::suspended);
    if (hearsChanges) {
      // Events are received again. The check that followed may have preceded the suspension.
      check(suspended, CONFIRMATION_TIME_AFTER_OUTAGE);
    }
  }

  /** Handles a change of a client's roles. Changes of many clients are checked together. */
  void rolesChanged(ConnectedClient client) {
    otherRoles.add(client);
  }

  private void checkOtherRoles(Set<ConnectedClient> clients) {
    check(subscription -> clients.contains(subscription.client()), CONFIRMATION_TIME);
    queueRights.rolesChanged(clients::contains);
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
      scheduler.schedule(() -> overdue(started), confirmationTime);
      started.forEach(RightCheck::ask);
    }
  }

  /**
   * Handles the deadline of checks. The broker or this process may be the reason for a service's
   * silence. Therefore the silence counts only after the broker has delivered a message.
   */
  private void overdue(List<RightCheck> started) {
    List<RightCheck> suspended = started.stream().filter(RightCheck::overdue).toList();
    if (!suspended.isEmpty()) {
      long begin = ticker.millis();
      broker
          .roundTrip()
          .thenRun(
              () ->
                  scheduler.schedule(
                      () -> suspended.forEach(RightCheck::brokerDelivers),
                      Math.max(GRACE, ticker.millis() - begin)));
    }
  }

  @Override
  public void suspended(ClientSubscription subscription) {
    undeliverable.add(subscription.client());
    metrics.subscriptionSuspended();
    LOG.info("subscription suspended bridge={} {}", bridgeId, subscription);
  }

  /**
   * Removes the check after its result. A change may still find the check in the map and rely on
   * it. Therefore this looks for a newer change once more after the removal.
   */
  @Override
  public void confirmed(RightCheck check, TopicGrant grant, Identity identity) {
    ClientSubscription subscription = check.subscription();
    presence.checkRight(subscription);
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

  /**
   * Stops withholding messages: rights have changed again, so the confirmed right may not cover
   * them.
   */
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
              Notice.Gap.unknown(List.of(subscription.topic().value()), GapReason.NOT_RECOVERABLE));
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
    presence.left(subscription);
    subscriptions.leave(subscription);
    ConnectedClient client = subscription.client();
    undeliverable.add(client);
    metrics.accessRevoked();
    audit.record(
        AuditEvent.rightRevoked(
            client.identity().user(),
            client.bridgeClientId(),
            "subscribe",
            subscription.topic().value()));
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

  /** Notifies a client that a subscription was revoked. */
  static void tell(ClientSubscription subscription) {
    subscription.client().tell(new Notice.TopicUnsubscribed(List.of(subscription.topic().value())));
  }
}
