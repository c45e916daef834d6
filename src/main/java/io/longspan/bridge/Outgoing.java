package io.longspan.bridge;

import io.longspan.bridge.ClientSubscription.Passage;
import io.longspan.protocol.Payload;
import io.longspan.security.TopicPolicy.SlowConsumer;

/** A message on its way to one client, with its number on the user channel. */
public final class Outgoing {
  private final long seq;
  private final Payload payload;
  private final ClientSubscription subscription;

  /**
   * True once the message was dropped while it waited. Guarded by the lock of the outbox that the
   * message waits in.
   */
  private boolean dropped;

  /**
   * Creates a message.
   *
   * @param payload null for the place of an announcement, which is filled when it is taken
   * @param subscription by which it came; null for a message to this client alone
   */
  Outgoing(long seq, Payload payload, ClientSubscription subscription) {
    this.seq = seq;
    this.payload = payload;
    this.subscription = subscription;
  }

  /** Returns its number: 1, 2, … (protocol section 6). */
  public long seq() {
    return seq;
  }

  /** Returns the content. */
  public Payload payload() {
    return payload;
  }

  ClientSubscription subscription() {
    return subscription;
  }

  /** Returns the bytes that count against {@code limits.queueBytes}. */
  int size() {
    return payload == null ? 0 : payload.size();
  }

  /** Returns whether it may be delivered; its right may have been taken away or be in doubt. */
  Passage passage() {
    return subscription == null ? Passage.DELIVER : subscription.passage(payload);
  }

  /**
   * Returns whether its time to live is over.
   *
   * @param ticker is asked only if it can be
   */
  boolean isExpired(Ticker ticker) {
    return payload != null && payload.expires() && payload.isExpired(ticker.millis());
  }

  /** Returns whether it may be dropped if its client does not keep up. */
  boolean isDroppable() {
    return subscription != null && subscription.policy().slowConsumer().drops();
  }

  /** Returns whether a newer message with the same key may take its place. */
  boolean isConflatable() {
    return subscription != null && subscription.policy().slowConsumer() == SlowConsumer.LATEST;
  }

  boolean isDropped() {
    return dropped;
  }

  void markDropped() {
    dropped = true;
  }
}
