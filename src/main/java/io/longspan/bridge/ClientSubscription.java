package io.longspan.bridge;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.Payload;
import io.longspan.security.Identity;
import io.longspan.security.TopicPolicy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One client's subscription to one topic. Its state is read by the delivery thread, and moved by
 * the client's commands and by a revocation, which waits for no command.
 */
final class ClientSubscription {

  private enum State {
    /** The client has not been told yet; nothing is delivered. */
    JOINING,
    /** Messages are delivered, and the client is about to be told. */
    DELIVERING,
    /** The client has been told. */
    CONFIRMED,
    /** The client has left; what is queued may still reach it. */
    LEFT,
    /** The right was taken away; nothing of it may reach the client any more. */
    REVOKED
  }

  /** What becomes of messages while the right is being confirmed. */
  private enum Hold {
    /** They are delivered. */
    NONE,
    /** They are kept until the right is confirmed. */
    KEEPING,
    /** They are discarded; there were none so far. */
    DISCARDING,
    /** They are discarded, and the client has missed some. */
    DISCARDED
  }

  /** What becomes of a message that has come to the client's outbox. */
  enum Passage {
    DELIVER,
    /** It is kept until the right is confirmed. */
    KEEP,
    DISCARD
  }

  /** What a revocation has found. */
  enum Revocation {
    /** There was nothing to take away. */
    NONE,
    /** The client does not know of the subscription; its answer will say that it failed. */
    UNANNOUNCED,
    /** The client is being told of the subscription; whoever does it tells of the end as well. */
    BEING_ANNOUNCED,
    /** The client must be told. */
    ANNOUNCED
  }

  private static final int NO_GAP = -1;

  private final ConnectedClient client;
  private final Identity identity;
  private final TopicSubscriptions.Key key;

  /** Written once, before the state says that it is delivering. */
  private volatile long beginsAfter;

  /**
   * The last generation of the JMS consumer after which messages may have been missed without the
   * client having been told; {@link #NO_GAP}: none.
   */
  private final AtomicInteger gapAfter = new AtomicInteger(NO_GAP);

  private final AtomicReference<Hold> hold = new AtomicReference<>(Hold.NONE);

  private final AtomicReference<State> state = new AtomicReference<>(State.JOINING);

  /** The bytes that are charged for it; 0 before and after. */
  private final AtomicLong charged = new AtomicLong();

  /** Written once, before {@code charged}. */
  private volatile Account account;

  /**
   * Creates a subscription that delivers nothing yet.
   *
   * @param identity who it was granted to
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

  DestinationName topic() {
    return key.grant().name();
  }

  TopicPolicy policy() {
    return key.grant().policy();
  }

  /**
   * A consumer is lost: messages may be missed.
   *
   * @param generation the consumer's, from 0
   */
  void outage(int generation) {
    gapAfter.set(generation);
  }

  /** Returns whether the client has not been told yet that messages may have been missed. */
  boolean hasGap() {
    return gapAfter.get() != NO_GAP;
  }

  /** Returns whether the client has to be told now that messages may have been missed. */
  boolean takeGap() {
    return gapAfter.getAndSet(NO_GAP) != NO_GAP;
  }

  /**
   * Returns whether the client has to be told so before a message is delivered.
   *
   * @param generation the consumer's that received it: what the lost one received before comes
   *     before what was missed
   */
  boolean takeGapBefore(int generation) {
    int lost = gapAfter.get();
    return lost != NO_GAP && lost < generation && gapAfter.compareAndSet(lost, NO_GAP);
  }

  /**
   * Begins to deliver what comes after a position; returns whether it may.
   *
   * @param position the last one of the shared subscription's messages
   */
  boolean begin(long position) {
    if (state.get() != State.JOINING) {
      return false;
    }
    beginsAfter = position;
    return state.compareAndSet(State.JOINING, State.DELIVERING);
  }

  /** The client has been told; returns whether that is still true. */
  boolean confirm() {
    return state.compareAndSet(State.DELIVERING, State.CONFIRMED);
  }

  /** Charges an account for it, once; returns false where there is no room. */
  boolean charge(Account payer, long bytes) {
    if (!payer.tryCharge(Purpose.SUBSCRIPTIONS, bytes)) {
      return false;
    }
    account = payer;
    charged.set(bytes);
    return true;
  }

  /** Releases what is charged for it; returns whether anything was. */
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
   * Suspends delivery until the right is confirmed, of the messages that wait for the client as
   * well. They are kept meanwhile: their right is the one that is being confirmed.
   *
   * @return false if it was suspended already
   */
  boolean suspend() {
    return hold.compareAndSet(Hold.NONE, Hold.KEEPING);
  }

  /**
   * Suspends delivery, and keeps nothing meanwhile: a later confirmation would not tell whether the
   * client had the right when a message came. What is kept already is discarded by the outbox.
   *
   * @return false if it was suspended already
   */
  boolean suspendAndDiscard() {
    return hold.getAndUpdate(now -> now == Hold.DISCARDED ? now : Hold.DISCARDING) == Hold.NONE;
  }

  /** Messages of it were discarded while it was suspended. */
  void discard() {
    hold.updateAndGet(now -> now == Hold.NONE ? now : Hold.DISCARDED);
  }

  /** Keeps no messages any more while it is suspended; nothing happens if it is not. */
  void keepNoLonger() {
    hold.compareAndSet(Hold.KEEPING, Hold.DISCARDING);
  }

  /**
   * Goes on delivering, once the right was confirmed. Called by one thread at a time; the outbox
   * calls it under its lock, so that what it keeps comes before what comes next.
   *
   * @param kept whether messages are kept, which are discarded where it may keep none
   * @return false if messages were discarded: {@link #resumeAfterLoss} has to follow
   */
  boolean resume(boolean kept) {
    Hold after =
        hold.updateAndGet(
            now ->
                now == Hold.DISCARDED || (now == Hold.DISCARDING && kept)
                    ? Hold.DISCARDED
                    : Hold.NONE);
    return after == Hold.NONE;
  }

  /**
   * Goes on delivering after messages were discarded. Called by one thread at a time.
   *
   * @param tell tells the client so; what is discarded while it runs belongs to the same loss
   */
  void resumeAfterLoss(Runnable tell) {
    tell.run();
    hold.set(Hold.NONE);
  }

  /** Decides on a message; one that has to be discarded counts as missed. */
  Passage passage(Payload payload) {
    Hold now = hold.updateAndGet(h -> h == Hold.DISCARDING ? Hold.DISCARDED : h);
    if (isRevoked() || !payload.isDeliverable()) {
      // The latter: another entry of the catalogue decides its topic now.
      return Passage.DISCARD;
    }
    return switch (now) {
      case NONE -> Passage.DELIVER;
      case KEEPING -> isAlive() ? Passage.KEEP : Passage.DISCARD;
      case DISCARDING, DISCARDED -> Passage.DISCARD;
    };
  }

  /** Returns whether it has neither ended nor been taken away. */
  boolean isAlive() {
    State now = state.get();
    return now != State.LEFT && now != State.REVOKED;
  }

  /** Ends it as the client wished. */
  void leave() {
    state.updateAndGet(now -> now == State.REVOKED ? now : State.LEFT);
  }

  /** Takes it away, at once and for good. */
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
