package io.longspan.bridge;

import java.util.Locale;

/** What is shed if a budget is used up, in this order. */
public enum Shedding {
  /** Retained messages of topics; later resumes of these topics get a {@code gap}. */
  RETAINED,
  /** Clients that are lost and wait to be taken over; they begin anew. */
  LOST_SESSION,
  /** Messages of topics that allow it, announced by a {@code gap}. */
  DROPPABLE,
  /** Clients that do not keep up; they are ended as {@code slowConsumer}. */
  SLOW_SESSION;

  /** Returns the name in metrics and logs. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
