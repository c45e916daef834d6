package io.longspan.bridge;

import java.util.Locale;

/** The steps of {@link MemoryShedder}. */
public enum Shedding {
  /**
   * Retained messages of topics were evicted; a later resume of these topics gets a {@code gap}.
   */
  RETAINED,
  /**
   * Messages that a connected client had been sent were discarded. It cannot resume if it has not
   * received them.
   */
  RESUME_WINDOW,
  /** A suspended session was terminated; its client cannot resume. */
  LOST_SESSION,
  /** Droppable messages of a client were discarded; a {@code gap} announces them. */
  DROPPABLE,
  /**
   * A session whose outbox held memory of an account over its limit was terminated as {@code
   * slowConsumer}.
   */
  SLOW_SESSION;

  /** Returns the name in metrics and logs. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
