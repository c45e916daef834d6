package io.longspan.chaos;

/** One request of a client and what became of it; guarded by its {@link RequestBook}. */
final class Request {
  /** How a request ends. */
  enum Outcome {
    ANSWERED,
    REFUSED,
    BROKER_UNAVAILABLE,
    /** The session was not resumed. */
    VOID,
    TIMED_OUT
  }

  /** What the client knows of the sending. */
  enum Receipt {
    OUTSTANDING,
    TAKEN,
    /** The connection was lost while it was outstanding. */
    LOST
  }

  final String id;

  /** Where the client was when it sent it. */
  final String bridgeId;

  final long sentAt;
  Receipt receipt = Receipt.OUTSTANDING;
  Outcome outcome;
  long endedAt;
  String detail = "";
  boolean toldInReceipt;
  boolean toldOnChannel;

  Request(String id, String bridgeId, long sentAt) {
    this.id = id;
    this.bridgeId = bridgeId;
    this.sentAt = sentAt;
  }

  void end(Outcome how, long at, String why) {
    outcome = how;
    endedAt = at;
    detail = why;
  }

  @Override
  public String toString() {
    return "%s sent to %s at %s, receipt %s, %s"
        .formatted(
            id,
            bridgeId,
            RunClock.text(sentAt),
            receipt,
            outcome == null
                ? "no outcome"
                : outcome + " at " + RunClock.text(endedAt) + " " + detail);
  }
}
