package io.longspan.bridge;

import io.longspan.protocol.Payload;

/** A message on its way to one client, with its number on the user channel. */
public final class Outgoing {
  private final long seq;
  private final Payload payload;
  private final ClientSubscription subscription;

  /**
   * Creates a message.
   *
   * @param payload null for a place that is filled when the message is taken
   * @param subscription by which it came; null for what is for this client alone
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

  /** Returns what it says. */
  public Payload payload() {
    return payload;
  }

  ClientSubscription subscription() {
    return subscription;
  }

  int size() {
    return payload == null ? 0 : payload.size();
  }

  /** Returns whether the right to it was taken away. */
  boolean isRevoked() {
    return subscription != null && subscription.isRevoked(payload);
  }

  /** Returns whether it may be dropped where its client does not keep up. */
  boolean isDroppable() {
    return subscription != null && subscription.policy().slowConsumer().drops();
  }
}
