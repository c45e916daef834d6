package io.longspan.bridge;

import io.longspan.protocol.Payload;

/** Makes messages to clients for tests of other packages. */
public final class OutgoingMessages {
  private OutgoingMessages() {}

  /** Returns a message that belongs to no subscription. */
  public static Outgoing of(long seq, Payload payload) {
    return new Outgoing(seq, payload, null);
  }
}
