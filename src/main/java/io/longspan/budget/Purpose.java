package io.longspan.budget;

import java.util.Locale;

/**
 * What memory is used for: the label {@code purpose} of the metric {@code longspan_budget_bytes}.
 */
public enum Purpose {
  /** Bayeux sessions. */
  SESSIONS,
  /** Received bytes and control commands that are not handled yet. */
  INBOUND,
  /** Messages that wait for a client, and messages that are retained for its resume. */
  OUTBOX,
  /** Copies of large messages while they are written to a WebSocket. */
  WRITES,
  /** Messages of topics that are retained for later subscribers. */
  RETAINED,
  /** Topic subscriptions. */
  SUBSCRIPTIONS,
  /** Signed-in HTTP sessions. */
  SIGN_INS,
  /** Handles by which a client can reply. */
  REPLY_HANDLES,
  /** Requests that wait for an answer, also the questions to authorisation services. */
  REQUESTS,
  /** Messages that wait for the broker. */
  SENDS,
  /** What other bridges have announced of presence on topics. */
  PRESENCE,
  /** Messages from queues that are not settled yet. */
  DELIVERIES;

  /** Returns the name in metrics and logs. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
