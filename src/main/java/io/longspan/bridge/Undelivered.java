package io.longspan.bridge;

import java.util.Locale;

/** Why a message from the broker was not delivered unchanged. */
public enum Undelivered {
  /** The message alone is larger than the limits of a client's queue. */
  TOO_LARGE,
  /** The message expired before its client took it. */
  EXPIRED,
  /**
   * The bridge could not read the body, or never passes on such a body. The client gets the message
   * without its body.
   */
  UNSUPPORTED;

  /** Returns the reason as metrics contain it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
