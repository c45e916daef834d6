package io.longspan.bridge;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.TopicPolicy;
import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.Payload;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One client's subscription to one topic or pattern (protocol section 2). Delivery threads read its
 * state. The client's commands and revocations change the state, and a revocation does not wait for
 * a command.
 *
 * <p>Thread-safe: every field is final, volatile or atomic.
 */
final class ClientSubscription implements MessageRight {

  private enum State {
    /** The client has no answer yet, and nothing is delivered. */
    JOINING,
    /** Messages are delivered, and the answer is about to be queued. */
    DELIVERING,
    /** The answer is queued. */
    CONFIRMED,
    /** The client has unsubscribed or ended; queued messages may still reach it. */
    LEFT,
    /** The right was revoked; no message may reach the client any more. */
    REVOKED
  }

  /** What happens to messages while the right is in doubt. */
  private enum Hold {
    /** The right is not in doubt: messages are delivered. */
    NONE,
    /** Messages are withheld until the right is confirmed. */
    KEEPING,
    /** Messages are discarded; none has been so far. */
    DISCARDING,
    /** Messages are discarded, and at least one was. */
    DISCARDED
  }

  /** What a revocation has found. */
  enum Revocation {
    /** The subscription had ended already. */
    NONE,
    /** The client has no answer yet. The answer will report a failure. */
    UNANNOUNCED,
    /**
     * The answer is being queued. The command that queues it also notifies the client of the
     * revocation.
     */
    BEING_ANNOUNCED,
    /** The client has its answer and must be notified of the revocation. */
    ANNOUNCED
  }

  private static final int NO_GAP = -1;

  private final ConnectedClient client;
  private final Identity identity;
  private final TopicSubscriptions.Key key;

  /**
   * Written before the state becomes DELIVERING, and once more under the lock of the shared
   * subscription if it was {@link SnapshotRounds#UNKNOWN}.
   */
  private volatile long beginsAfter;

  /** What it waits for or has begun with; null without a snapshot. Written by the command. */
  private volatile SnapshotRound snapshot;

  /** Why it has no snapshot, if that concerns this client alone. Written by the command. */
  private volatile SnapshotEnd ownFailure;

  /**
   * The generation of the last lost consumer, if its loss was not announced to the client yet;
   * otherwise {@link #NO_GAP}.
   */
  private final AtomicInteger gapAfter = new AtomicInteger(NO_GAP);

  /** Whether the client must be notified that it cannot resume the topic. */
  private final AtomicBoolean notRecovered = new AtomicBoolean();

  private final AtomicReference<Hold> hold = new AtomicReference<>(Hold.NONE);

  private final AtomicReference<State> state = new AtomicReference<>(State.JOINING);

  /**
   * The bytes that are charged for this subscription; 0 before the charge and after the release.
   */
  private final AtomicLong charged = new AtomicLong();

  /** Written once, before {@code charged}. */
  private volatile Account account;

  /**
   * Creates a subscription that does not deliver yet.
   *
   * @param identity the identity that the right was granted to
   */
  ClientSubscription(ConnectedClient client, Identity identity, TopicSubscriptions.Key key) {
    this.client = client;
    this.identity = identity;
    this.key = key;
  }

  ConnectedClient client() {
    return client;
  }

  Identity identity() {
    return identity;
  }

  TopicSubscriptions.Key key() {
    return key;
  }

  @Override
  public DestinationName topic() {
    return key.grant().name();
  }

  @Override
  public TopicPolicy policy() {
    return key.grant().policy();
  }

  /** Sets the snapshot that the subscription begins with. */
  void waitFor(SnapshotRound round) {
    snapshot = round;
  }

  /** Returns the snapshot that the subscription begins with; null if there is none. */
  SnapshotRound snapshot() {
    return snapshot;
  }

  /** Marks that the client cannot get its snapshot, although there is one. */
  void failSnapshot(SnapshotEnd why) {
    ownFailure = why;
  }

  /** Returns why delivery did not begin with a snapshot. */
  SnapshotEnd snapshotFailure() {
    SnapshotEnd own = ownFailure;
    return own != null ? own : snapshot.failure().orElse(SnapshotEnd.ABANDONED);
  }

  /** Sets the position after which messages are delivered, if that was unknown at the beginning. */
  void startAfter(long position) {
    beginsAfter = position;
  }

  /**
   * Marks a gap: a consumer is lost, so messages may be missed.
   *
   * @param generation the generation of the lost consumer, from 1; 0 if none was opened yet
   */
  void outage(int generation) {
    gapAfter.set(generation);
  }

  /**
   * Returns whether it must be announced that the client cannot resume the topic, and marks that as
   * announced. The announcement must come before the first message, which may be one that the
   * client knows.
   */
  boolean takeNotRecovered() {
    return notRecovered.get() && notRecovered.getAndSet(false);
  }

  /** Returns whether there is a gap that was not announced to the client yet. */
  boolean hasGap() {
    return gapAfter.get() != NO_GAP;
  }

  /** Returns whether there is a gap that was not announced yet, and marks it as announced. */
  boolean takeGap() {
    return gapAfter.getAndSet(NO_GAP) != NO_GAP;
  }

  /**
   * Returns whether a gap must be announced before a message is delivered, and marks it as
   * announced. Messages of the lost consumer itself come before the gap.
   *
   * @param generation the generation of the consumer that received the message
   */
  boolean takeGapBefore(int generation) {
    int lost = gapAfter.get();
    return lost != NO_GAP && lost < generation && gapAfter.compareAndSet(lost, NO_GAP);
  }

  /**
   * Starts delivery. Returns false if it had started before, or the subscription has ended.
   *
   * @param position the position of the shared subscription's last message; only later ones are
   *     delivered
   * @param cannotResume whether the client must be notified that it cannot resume the topic
   */
  boolean begin(long position, boolean cannotResume) {
    if (state.get() != State.JOINING) {
      return false;
    }
    beginsAfter = position;
    notRecovered.set(cannotResume);
    return state.compareAndSet(State.JOINING, State.DELIVERING);
  }

  /** Marks the answer as queued. Returns false if the subscription has ended meanwhile. */
  boolean confirm() {
    return state.compareAndSet(State.DELIVERING, State.CONFIRMED);
  }

  /**
   * Charges an account, once. Returns false if there is no room.
   *
   * @param bytes at least 1
   */
  boolean charge(Account payer, long bytes) {
    if (!payer.tryCharge(Purpose.SUBSCRIPTIONS, bytes)) {
      return false;
    }
    account = payer;
    charged.set(bytes);
    return true;
  }

  /** Releases the charge; returns whether there was one. */
  boolean release() {
    long bytes = charged.getAndSet(0);
    if (bytes > 0) {
      account.release(Purpose.SUBSCRIPTIONS, bytes);
    }
    return bytes > 0;
  }

  /** Returns whether the message at a position of the shared subscription is delivered. */
  boolean delivers(long position) {
    return isDelivering() && position > beginsAfter;
  }

  boolean isDelivering() {
    State now = state.get();
    return now == State.DELIVERING || now == State.CONFIRMED;
  }

  /**
   * Suspends delivery until the right is confirmed. Waiting and new messages are withheld: if the
   * right is confirmed, it covers them.
   *
   * @return false if the subscription was suspended already
   */
  boolean suspend() {
    return hold.compareAndSet(Hold.NONE, Hold.KEEPING);
  }

  /**
   * Suspends delivery and discards messages meanwhile. A later confirmation would not say whether
   * the client had the right when they arrived. The outbox discards messages that are withheld
   * already.
   *
   * @return false if the subscription was suspended already
   */
  boolean suspendAndDiscard() {
    return hold.getAndUpdate(now -> now == Hold.DISCARDED ? now : Hold.DISCARDING) == Hold.NONE;
  }

  @Override
  public void discard() {
    hold.updateAndGet(now -> now == Hold.NONE ? now : Hold.DISCARDED);
  }

  @Override
  public void keepNoLonger() {
    hold.compareAndSet(Hold.KEEPING, Hold.DISCARDING);
  }

  /**
   * {@inheritDoc}
   *
   * <p>The outbox calls this under its lock, so that withheld messages come before new ones. If it
   * returns false, {@link #resumeAfterLoss} must follow.
   */
  @Override
  public boolean resume(boolean kept) {
    Hold after =
        hold.updateAndGet(
            now ->
                now == Hold.DISCARDED || (now == Hold.DISCARDING && kept)
                    ? Hold.DISCARDED
                    : Hold.NONE);
    return after == Hold.NONE;
  }

  /**
   * Resumes delivery after messages were lost. Must be called by one thread at a time.
   *
   * @param tell notifies the client; messages that are discarded while it runs belong to the same
   *     gap
   */
  void resumeAfterLoss(Runnable tell) {
    tell.run();
    hold.set(Hold.NONE);
  }

  @Override
  public Passage passage(Payload payload) {
    Hold now = hold.get();
    if (now == Hold.DISCARDING) {
      now = hold.updateAndGet(h -> h == Hold.DISCARDING ? Hold.DISCARDED : h);
    }
    if (isRevoked() || !payload.isDeliverable()) {
      // Not deliverable: another catalogue entry decides the message's topic now.
      return Passage.DISCARD;
    }
    return switch (now) {
      case NONE -> Passage.DELIVER;
      case KEEPING -> isAlive() ? Passage.KEEP : Passage.DISCARD;
      case DISCARDING, DISCARDED -> Passage.DISCARD;
    };
  }

  /** Returns whether the subscription has neither ended nor been revoked. */
  boolean isAlive() {
    State now = state.get();
    return now != State.LEFT && now != State.REVOKED;
  }

  /** Ends the subscription as its client wishes; no effect if it was revoked. */
  void leave() {
    state.updateAndGet(now -> now == State.REVOKED ? now : State.LEFT);
  }

  /** Revokes the subscription at once and for good. */
  Revocation revoke() {
    State before =
        state.getAndUpdate(now -> now == State.LEFT || now == State.REVOKED ? now : State.REVOKED);
    return switch (before) {
      case JOINING -> Revocation.UNANNOUNCED;
      case DELIVERING -> Revocation.BEING_ANNOUNCED;
      case CONFIRMED -> Revocation.ANNOUNCED;
      case LEFT, REVOKED -> Revocation.NONE;
    };
  }

  boolean isRevoked() {
    return state.get() == State.REVOKED;
  }

  @Override
  public String toString() {
    return "%s topic=%s subscription=%s hold=%s".formatted(client, topic(), state, hold);
  }
}
