package io.longspan.bridge;

import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import java.util.Locale;

/** How the wait of a client for a snapshot has ended. */
public enum SnapshotEnd {
  /** The client got the snapshot, and what was published since. */
  DELIVERED,
  /** The service did not answer in time, its answer was incomplete, or it has failed. */
  UNANSWERED,
  /** Too many messages were published before the snapshot came. */
  OVERTAKEN,
  /** The snapshot does not fit into the client's queue or the user's memory. */
  TOO_LARGE,
  /** The connection to the broker, or the consumer of the topic, was lost. */
  BROKER_LOST,
  /** The client has ended, or its right was revoked. */
  ABANDONED;

  /** Returns the name as metrics contain it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the refusal that the client gets. A refusal of {@link #TOO_LARGE} depends on the
   * present memory of the user; a part that fits into no queue has a refusal of its own.
   */
  BridgeException refusal() {
    return switch (this) {
      case UNANSWERED -> new BridgeException(ErrorCode.BROKER_UNAVAILABLE, UNANSWERED_TEXT);
      case OVERTAKEN ->
          BridgeException.limitExceeded(
              "too many messages were published before the snapshot came; subscribe again");
      case TOO_LARGE ->
          BridgeException.limitExceeded("the snapshot does not fit into this user's memory");
      case BROKER_LOST -> BridgeException.brokerUnavailable(null);
      case ABANDONED, DELIVERED -> BridgeException.notConnected("the subscription has ended");
    };
  }

  private static final String UNANSWERED_TEXT =
      "the service that gives the snapshot gave no complete answer in time";
}
