package io.longspan.bayeux;

import io.longspan.config.LongspanConfig.Limits;

/** What a transport takes in before a message is even parsed. */
final class TransportLimits {
  /** Room for the Bayeux envelope of a batch. */
  private static final long ENVELOPE_BYTES = 64 << 10;

  /** How deep the Bayeux envelope itself nests. */
  private static final int ENVELOPE_DEPTH = 8;

  /**
   * How many messages one request may carry. Each is answered, so that a body of many small ones
   * would cost the bridge several times what it costs the client.
   */
  static final int MESSAGES_PER_REQUEST = 1000;

  private TransportLimits() {}

  /**
   * Returns the largest HTTP body or WebSocket message, in bytes: JSON escapes and a batch may make
   * it larger than one message; far beyond it is refused unread.
   */
  static int requestBytes(Limits limits) {
    return Math.toIntExact(Math.min(Integer.MAX_VALUE, 2 * limits.messageBytes() + ENVELOPE_BYTES));
  }

  /** Returns how many requests of one WebSocket connection may wait for their answers. */
  static int unanswered(Limits limits) {
    return Math.max(MESSAGES_PER_REQUEST, limits.queueMessages());
  }

  /** Returns how many characters of one WebSocket connection may wait to be handled. */
  static long unhandled(Limits limits) {
    return Math.max(limits.queueBytes(), 2L * requestBytes(limits));
  }

  /** Returns how deep a request's JSON may nest; what is deeper is not parsed. */
  static int requestDepth(Limits limits) {
    return limits.jsonDepth() + ENVELOPE_DEPTH;
  }
}
