package io.longspan.bridge;

import java.util.Locale;

/** What has become of a message from a queue that was given to a client. */
public enum DeliveryOutcome {
  ACKNOWLEDGED,
  /** The client has given it back, or has not settled it in time. */
  RELEASED,
  REJECTED,
  /** The client has not settled it in time. It counts as released too. */
  TIMED_OUT,
  /** The bridge could not deliver it: it is too large, or the user's memory is full. */
  UNDELIVERABLE;

  /** Returns the name in metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
