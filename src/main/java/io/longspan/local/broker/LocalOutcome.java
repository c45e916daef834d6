package io.longspan.local.broker;

import java.util.Locale;

/** How a call of a local service ended: the label {@code outcome} of a metric. */
public enum LocalOutcome {
  /** The service has answered. */
  ANSWERED,
  /** The service threw, failed, or gave no valid answer; the client got {@code serviceFailed}. */
  FAILED,
  /** The deadline has passed; the client got {@code serviceFailed}. */
  OVERDUE,
  /** The client has cancelled the request, or has used its correlation id again. */
  CANCELLED,
  /** The client has ended. */
  ABANDONED,
  /** The request was not accepted: too many wait, or there is no such service. */
  REFUSED;

  /** Returns the name in metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
