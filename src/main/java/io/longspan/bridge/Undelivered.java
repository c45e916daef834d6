package io.longspan.bridge;

import java.util.Locale;

/** Why a message of the broker was not delivered as it is. */
public enum Undelivered {
  /** It alone is larger than what may wait for a client. */
  TOO_LARGE,
  /** Its time to live was over before its client could take it. */
  EXPIRED,
  /** The bridge cannot read it, or never reads such: its client gets it without its body. */
  UNSUPPORTED;

  /** Returns the reason as metrics name it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
