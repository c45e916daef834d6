package io.longspan.server.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.Locale;

/**
 * What {@code check --connect} has found.
 *
 * @param broker the broker's name; {@code default} for the default one
 * @param action {@code connect}, {@code answers}, {@code send} or {@code receive}
 * @param subject the address, the way for answers, or the destination
 * @param detail the reason; empty for none
 */
record Finding(Result result, String broker, String action, String subject, String detail) {

  /** How an attempt has ended. */
  enum Result {
    OK("ok", "ok"),
    MISSING("MISSING", "missing"),
    TOO_MANY("TOO MANY", "tooMany"),
    /** Another address of the same broker is reachable. */
    NOT_REACHABLE("away", "notReachable"),
    NOT_TRIED("untried", "notTried");

    private final String label;
    private final String json;

    Result(String label, String json) {
      this.label = label;
      this.json = json;
    }
  }

  boolean isFailure() {
    return result == Result.MISSING;
  }

  void addTo(ArrayNode list) {
    list.addObject()
        .put("result", result.json)
        .put("broker", broker)
        .put("action", action)
        .put("subject", subject)
        .put("detail", detail);
  }

  @Override
  public String toString() {
    String end = detail.isEmpty() ? "" : ": " + detail;
    return String.format(
        Locale.ROOT, "%-9s %s: %s %s%s", result.label, broker, action, subject, end);
  }
}
