package io.longspan.bridge;

import io.longspan.bridge.MessageRight.Passage;
import io.longspan.catalogue.TopicPolicy.SlowConsumer;
import io.longspan.protocol.Payload;

/** A message to one client, with its {@code seq}. */
public final class Outgoing {
  private final long seq;
  private final Payload payload;
  private final MessageRight right;

  /** Whether the message was discarded while it waited. Guarded by the lock of its outbox. */
  private boolean dropped;

  /**
   * Creates a message.
   *
   * @param payload null for the place of a gap notice, whose content is set when it is taken
   * @param right the right to the message; null if it belongs to no subscription
   */
  Outgoing(long seq, Payload payload, MessageRight right) {
    this.seq = seq;
    this.payload = payload;
    this.right = right;
  }

  /** Returns the {@code seq} on the user channel: 1, 2, … (protocol section 6). */
  public long seq() {
    return seq;
  }

  /** Returns the content; never null for a message that was taken. */
  public Payload payload() {
    return payload;
  }

  MessageRight right() {
    return right;
  }

  /** Returns the bytes that count against {@code limits.queueBytes}. */
  int size() {
    return payload == null ? 0 : payload.size();
  }

  /** Returns whether the message may be delivered, must be withheld, or must be discarded. */
  Passage passage() {
    return right == null ? Passage.DELIVER : right.passage(payload);
  }

  /**
   * Returns whether the message has expired.
   *
   * @param ticker read only if the message can expire
   */
  boolean isExpired(Ticker ticker) {
    return payload != null && payload.expires() && payload.isExpired(ticker.millis());
  }

  /** Returns whether the message may be discarded if its client is too slow. */
  boolean isDroppable() {
    return right != null && right.policy().slowConsumer().drops();
  }

  /**
   * Returns whether a newer message with the same key supersedes this one if its client is too
   * slow.
   */
  boolean isConflatable() {
    return right != null && right.policy().slowConsumer() == SlowConsumer.LATEST;
  }

  boolean isDropped() {
    return dropped;
  }

  void markDropped() {
    dropped = true;
  }
}
