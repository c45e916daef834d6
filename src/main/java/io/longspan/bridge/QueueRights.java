package io.longspan.bridge;

import io.longspan.access.AccessPolicy;
import io.longspan.access.QueueGrant;
import io.longspan.access.RightsChange;
import io.longspan.audit.AuditEvent;
import io.longspan.audit.AuditLog;
import io.longspan.concurrent.InternalErrors;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.Notice;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the rights to consume queues and to durable subscriptions when rights change (protocol
 * sections 5, 11, 15 and 16). If a right is not confirmed in time, its consumer is closed, and the
 * broker takes back the messages. A refusal ends the subscription.
 *
 * <p>Called on any thread; never blocks.
 */
final class QueueRights {
  private static final Logger LOG = LoggerFactory.getLogger(QueueRights.class);

  /** The interval between two questions that got no answer, in milliseconds. */
  private static final long RETRY = 1000;

  private final AccessPolicy accessPolicy;
  private final QueueSubscriptions subscriptions;
  private final BridgeMetrics metrics;
  private final AuditLog audit;
  private final Executor commandPool;
  private final Scheduler scheduler;

  /** The latest check of each subscription that is in progress. */
  private final Map<QueueSubscription, Object> checks = new ConcurrentHashMap<>();

  QueueRights(
      AccessPolicy accessPolicy,
      QueueSubscriptions subscriptions,
      BridgeMetrics metrics,
      AuditLog audit,
      Executor commandPool,
      Scheduler scheduler) {
    this.accessPolicy = accessPolicy;
    this.subscriptions = subscriptions;
    this.metrics = metrics;
    this.audit = audit;
    this.commandPool = commandPool;
    this.scheduler = scheduler;
  }

  /** Handles a change of rights that the policy knows already. */
  void changed(RightsChange change) {
    commandPool.execute(
        () ->
            check(
                each -> change.affects(each.client().identity(), each.grant().name()),
                AccessRevocation.CONFIRMATION_TIME));
  }

  /** Handles that the roles of clients have changed. */
  void rolesChanged(Predicate<ConnectedClient> clients) {
    check(each -> clients.test(each.client()), AccessRevocation.CONFIRMATION_TIME);
  }

  /** Handles that changes of rights can be received again. */
  void heard() {
    commandPool.execute(() -> check(each -> true, AccessRevocation.CONFIRMATION_TIME_AFTER_OUTAGE));
  }

  /** Handles that changes of rights cannot be received: rights that only they revoke are paused. */
  void unheard() {
    commandPool.execute(
        () ->
            check(
                each ->
                    accessPolicy.needsEventsToReceive(
                        each.client().identity(),
                        each.grant().name(),
                        each.grant().destination().kind()),
                0));
  }

  private void check(Predicate<QueueSubscription> concerned, long confirmationTime) {
    for (QueueSubscription subscription : subscriptions.all()) {
      if (concerned.test(subscription)) {
        Object check = new Object();
        checks.put(subscription, check);
        metrics.subscriptionsChecked(1);
        scheduler.schedule(() -> overdue(subscription, check), confirmationTime);
        scheduler.schedule(
            () -> refused(subscription, check), RightCheck.MAX_SUSPENSION + confirmationTime);
        ask(subscription, check);
      }
    }
  }

  private boolean isPresent(QueueSubscription subscription, Object check) {
    return checks.get(subscription) == check;
  }

  private void ask(QueueSubscription subscription, Object check) {
    if (!subscription.isAlive()) {
      checks.remove(subscription, check);
    }
    if (!isPresent(subscription, check)) {
      return;
    }
    Identity identity = subscription.client().identity();
    endingOnFaults(
        subscription,
        check,
        () ->
            accessPolicy
                .mayKeepReceiving(
                    identity,
                    subscription.grant().name(),
                    subscription.grant().destination().kind())
                .whenComplete(
                    (grant, failure) ->
                        endingOnFaults(
                            subscription,
                            check,
                            () -> answered(subscription, check, identity, grant, failure))));
  }

  /** A fault in a check ends the subscription: nobody knows whether its right is still held. */
  private void endingOnFaults(QueueSubscription subscription, Object check, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | Error fault) {
      InternalErrors.report("the confirmation of a right", fault);
      refused(subscription, check);
    }
  }

  private void answered(
      QueueSubscription subscription,
      Object check,
      Identity identity,
      QueueGrant grant,
      Throwable failure) {
    if (failure == null) {
      if (identity != subscription.client().identity()) {
        ask(subscription, check);
      } else if (!grant.destination().equals(subscription.grant().destination())) {
        refused(subscription, check, true);
      } else {
        confirmed(subscription, check, identity, grant);
      }
      return;
    }
    ErrorCode code = BridgeException.from(failure).code();
    if (code == ErrorCode.LIMIT_EXCEEDED || code == ErrorCode.BROKER_UNAVAILABLE) {
      scheduler.schedule(() -> ask(subscription, check), RETRY);
    } else {
      refused(subscription, check, code == ErrorCode.NOT_AUTHORIZED);
    }
  }

  /**
   * Removes the check after its result, and looks once more for a newer change: the change may have
   * relied on the check.
   */
  private void confirmed(
      QueueSubscription subscription, Object check, Identity identity, QueueGrant grant) {
    if (!isPresent(subscription, check)) {
      return;
    }
    if (!accessPolicy.isCurrent(identity, grant)) {
      ask(subscription, check);
      return;
    }
    subscription.confirmed(grant);
    subscriptions.resume(subscription);
    checks.remove(subscription, check);
  }

  private void overdue(QueueSubscription subscription, Object check) {
    if (isPresent(subscription, check)) {
      metrics.subscriptionSuspended();
      LOG.info("queue consumption suspended {}", subscription);
      subscriptions.pause(subscription);
      if (!isPresent(subscription, check)) {
        // The confirmation came between.
        subscriptions.resume(subscription);
      }
    }
  }

  private void refused(QueueSubscription subscription, Object check) {
    refused(subscription, check, false);
  }

  /**
   * Ends a subscription.
   *
   * @param certain whether the right is gone, and not only in doubt
   */
  private void refused(QueueSubscription subscription, Object check, boolean certain) {
    if (!checks.remove(subscription, check) || !subscription.isAlive()) {
      return;
    }
    boolean told = !subscription.isOpening();
    boolean durable = subscription.durable().isPresent();
    if (durable && certain) {
      subscriptions.endAndDelete(subscription);
    } else {
      subscriptions.end(subscription);
    }
    metrics.accessRevoked();
    LOG.info("access revoked {}", subscription);
    ConnectedClient client = subscription.client();
    String queue = subscription.grant().name().value();
    audit.record(
        AuditEvent.rightRevoked(
            client.identity().user(),
            client.bridgeClientId(),
            durable ? "subscribe" : "receive",
            queue));
    if (!told) {
      // The answer to the subscription will be the refusal.
      return;
    }
    client.tell(
        durable
            ? new Notice.TopicUnsubscribed(List.of(queue))
            : new Notice.QueueUnsubscribed(List.of(queue)));
    client.inMailbox(
        () -> {
          client.queues().remove(queue, subscription);
          client.durables().remove(queue, subscription);
          return null;
        });
  }
}
