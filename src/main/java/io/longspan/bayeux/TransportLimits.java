package io.longspan.bayeux;

import io.longspan.config.LongspanConfig.Limits;

/** Limits that the transports apply before they handle a message. */
final class TransportLimits {
  /** Bytes that the Bayeux envelope of a batch may add. */
  private static final long ENVELOPE_BYTES = 64 << 10;

  /** Nesting depth of the Bayeux envelope. */
  private static final int ENVELOPE_DEPTH = 8;

  /**
   * Maximum number of messages in one request. Each message has a reply. Without a limit, a body of
   * many small messages would cost the bridge several times as much as the client.
   */
  static final int MESSAGES_PER_REQUEST = 1000;

  private TransportLimits() {}

  /**
   * Returns the maximum size of an HTTP body or a WebSocket message, in bytes. It exceeds {@code
   * limits.messageBytes}, because of JSON escapes and batches.
   */
  static int requestBytes(Limits limits) {
    return Math.toIntExact(Math.min(Integer.MAX_VALUE, 2 * limits.messageBytes() + ENVELOPE_BYTES));
  }

  /** Returns the maximum number of requests without a reply on one WebSocket. */
  static int unanswered(Limits limits) {
    return Math.max(MESSAGES_PER_REQUEST, limits.queueMessages());
  }

  /** Returns the maximum number of characters that wait to be handled on one WebSocket. */
  static long unhandled(Limits limits) {
    return Math.max(limits.queueBytes(), 2L * requestBytes(limits));
  }

  /** Returns the maximum nesting depth of a request's JSON. Deeper JSON is not parsed. */
  static int requestDepth(Limits limits) {
    return limits.jsonDepth() + ENVELOPE_DEPTH;
  }
}
