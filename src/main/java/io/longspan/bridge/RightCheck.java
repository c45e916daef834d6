package io.longspan.bridge;

import io.longspan.concurrent.InternalErrors;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import io.longspan.security.AccessPolicy;
import io.longspan.security.Identity;
import io.longspan.security.TopicGrant;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The confirmation of one subscription's right after rights have changed. A subscription whose
 * right is not confirmed in time is suspended if the question is held up for want of capacity, and
 * ends otherwise.
 *
 * <p>Called on any thread. The lock guards the state, and is never held around a call out.
 */
final class RightCheck {
  /** How long a subscription may be suspended, in milliseconds; then it ends. */
  static final long MAX_SUSPENSION = 60_000;

  /** How soon a question without an answer is asked again, in milliseconds. */
  private static final long RETRY = 1000;

  /** The longest pause between two attempts at a question that could not be asked. */
  private static final long MAX_RETRY = 8000;

  private enum State {
    /** Messages are delivered. */
    ASKING,
    /** The time to confirm the right is over, and the question is held up. */
    SUSPENDED,
    DONE
  }

  /** What a check does in the end, or meanwhile. */
  interface Outcome {
    /** Messages of the subscription are no longer delivered. */
    void suspended(ClientSubscription subscription);

    /** Rights have changed again while the subscription was suspended. */
    void keepNothingOf(ClientSubscription subscription);

    /** The right is confirmed. */
    void confirmed(RightCheck check, TopicGrant grant, Identity identity);

    /** The right is refused, or nobody has confirmed it. */
    void refused(RightCheck check);
  }

  private final ClientSubscription subscription;
  private final AccessPolicy accessPolicy;
  private final Scheduler scheduler;
  private final Outcome outcome;
  private final AtomicBoolean asking = new AtomicBoolean();

  /** Guarded by this. */
  private State state = State.ASKING;

  /** Guarded by this: how often the question could not be asked. */
  private int notAsked;

  /** Guarded by this: the answer may not hold for what came between two changes. */
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

  /** Asks, unless it does already. */
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
      // Only an answer takes a right away; a suspended subscription delivers nothing meanwhile.
      scheduler.schedule(this::ask, RETRY);
    } else if (end()) {
      outcome.refused(this);
    }
  }

  private synchronized long pause() {
    return Math.min(MAX_RETRY, RETRY << Math.min(notAsked++, 10));
  }

  /** Rights have changed again, before the result. */
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

  /** The time to confirm the right is over. */
  void overdue() {
    boolean suspend;
    if (isDone()) {
      return;
    }
    boolean heldUp = accessPolicy.isHeldUp(subscription.client().identity(), subscription.topic());
    synchronized (this) {
      if (state != State.ASKING) {
        return;
      }
      suspend = heldUp || notAsked > 0;
      state = suspend ? State.SUSPENDED : State.DONE;
      if (suspend && changedAgain) {
        subscription.suspendAndDiscard();
      } else if (suspend) {
        subscription.suspend();
      }
    }
    if (suspend) {
      outcome.suspended(subscription);
      scheduler.schedule(this::expired, MAX_SUSPENSION);
    } else {
      outcome.refused(this);
    }
  }

  private void expired() {
    if (end()) {
      outcome.refused(this);
    }
  }

  /** Ends the check without a result: its connection is lost, and another check will follow. */
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
