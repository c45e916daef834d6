package io.longspan.bridge;

import io.longspan.access.AccessPolicy;
import io.longspan.access.TopicGrant;
import io.longspan.concurrent.InternalErrors;
import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Confirms the right to one subscription after rights have changed (protocol section 11). If the
 * right is not confirmed in time, the subscription is suspended: nothing of it is delivered. It
 * resumes with the confirmation, and ends with a refusal. It also ends if the service alone is
 * silent, and after {@link #MAX_SUSPENSION}.
 *
 * <p>Called on any thread; never blocks. The lock guards the state and the subscription's hold. The
 * policy and the outcome are called without it.
 */
final class RightCheck {
  /** The maximum duration of a suspension, in milliseconds; then the subscription ends. */
  static final long MAX_SUSPENSION = 60_000;

  /**
   * The back-off before a question is asked again, in milliseconds. It doubles each time the
   * question was not asked for want of capacity.
   */
  private static final long RETRY = 1000;

  /** The maximum back-off, in milliseconds. */
  private static final long MAX_RETRY = 8000;

  private enum State {
    /** The right is being confirmed, and messages are delivered. */
    ASKING,
    /** The deadline has passed, and the question is delayed: messages are not delivered. */
    SUSPENDED,
    DONE
  }

  /** Notified of the result of a check, and of a suspension. Called under no lock. */
  interface Outcome {
    /** Messages of the subscription are no longer delivered. */
    void suspended(ClientSubscription subscription);

    /** Rights have changed again during the suspension: messages must not be withheld any more. */
    void keepNothingOf(ClientSubscription subscription);

    /** The right is confirmed. */
    void confirmed(RightCheck check, TopicGrant grant, Identity identity);

    /** The right is refused, or was not confirmed in time. */
    void refused(RightCheck check);
  }

  private final ClientSubscription subscription;
  private final AccessPolicy accessPolicy;
  private final Scheduler scheduler;
  private final Outcome outcome;
  private final AtomicBoolean asking = new AtomicBoolean();

  /** Guarded by this. */
  private State state = State.ASKING;

  /** Guarded by this. How often the question was not asked for want of capacity. */
  private int notAsked;

  /**
   * Guarded by this. If true, the answer may not cover messages that arrived between two changes.
   */
  private boolean changedAgain;

  RightCheck(
      ClientSubscription subscription,
      AccessPolicy accessPolicy,
      Scheduler scheduler,
      Outcome outcome) {
    this.subscription = subscription;
    this.accessPolicy = accessPolicy;
    this.scheduler = scheduler;
    this.outcome = outcome;
  }

  ClientSubscription subscription() {
    return subscription;
  }

  /**
   * Asks the policy, unless a question is in flight. Ends the check if the subscription has ended.
   */
  void ask() {
    if (isDone() || !asking.compareAndSet(false, true)) {
      return;
    }
    if (!subscription.isAlive()) {
      end();
      outcome.refused(this);
      return;
    }
    Identity identity = subscription.client().identity();
    endingOnFaults(
        () ->
            accessPolicy
                .mayStay(identity, subscription.topic())
                .whenComplete(
                    (grant, failure) -> endingOnFaults(() -> answered(grant, failure, identity))));
  }

  /** A fault in a check ends the subscription: nobody knows whether its right is still held. */
  private void endingOnFaults(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | Error fault) {
      InternalErrors.report("the confirmation of a right", fault);
      end();
      outcome.refused(this);
    }
  }

  private void answered(TopicGrant grant, Throwable failure, Identity identity) {
    asking.set(false);
    if (failure == null) {
      decided(grant, identity);
    } else {
      failed(BridgeException.from(failure).code());
    }
  }

  private void decided(TopicGrant grant, Identity identity) {
    if (end()) {
      if (grant.isSameAs(subscription.key().grant())) {
        outcome.confirmed(this, grant, identity);
      } else {
        outcome.refused(this);
      }
    }
  }

  private void failed(ErrorCode code) {
    if (code == ErrorCode.LIMIT_EXCEEDED) {
      scheduler.schedule(this::ask, pause());
    } else if (code == ErrorCode.BROKER_UNAVAILABLE) {
      // Only an answer revokes a right. A suspended subscription delivers nothing meanwhile.
      scheduler.schedule(this::ask, RETRY);
    } else if (end()) {
      outcome.refused(this);
    }
  }

  private synchronized long pause() {
    return Math.min(MAX_RETRY, RETRY << Math.min(notAsked++, 10));
  }

  /** Handles another change of rights before the result. */
  void changedAgain() {
    boolean suspended;
    synchronized (this) {
      changedAgain = true;
      suspended = state == State.SUSPENDED;
    }
    if (suspended) {
      outcome.keepNothingOf(subscription);
    }
  }

  /**
   * Handles the deadline for the confirmation: suspends the subscription.
   *
   * @return true if it is suspended now; {@link #brokerDelivers} must follow
   */
  boolean overdue() {
    synchronized (this) {
      if (state != State.ASKING) {
        return false;
      }
      state = State.SUSPENDED;
      if (changedAgain) {
        subscription.suspendAndDiscard();
      } else {
        subscription.suspend();
      }
    }
    outcome.suspended(subscription);
    scheduler.schedule(this::expired, MAX_SUSPENSION);
    return true;
  }

  /**
   * Handles that the broker delivers messages, and that the service had time to answer since then.
   * Ends the subscription if the service is silent.
   */
  void brokerDelivers() {
    endingOnFaults(
        () -> {
          if (!isDone() && isSilent()) {
            expired();
          }
        });
  }

  /** Returns whether the question was sent, and the service answers neither it nor others. */
  private boolean isSilent() {
    synchronized (this) {
      if (notAsked > 0) {
        return false;
      }
    }
    return !accessPolicy.isHeldUp(subscription.client().identity(), subscription.topic());
  }

  private void expired() {
    if (end()) {
      outcome.refused(this);
    }
  }

  /**
   * Ends the check without a result and suspends the subscription: the connection is lost. Another
   * check follows when there is a connection again.
   */
  void abandon() {
    if (end()) {
      subscription.suspendAndDiscard();
      outcome.suspended(subscription);
    }
  }

  private synchronized boolean end() {
    boolean ended = state != State.DONE;
    state = State.DONE;
    return ended;
  }

  private synchronized boolean isDone() {
    return state == State.DONE;
  }
}
