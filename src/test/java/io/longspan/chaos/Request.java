package io.longspan.chaos;

/** One request of a client and what became of it; guarded by its {@link RequestBook}. */
final class Request {
  /** How a request ends. */
  enum Outcome {
    ANSWERED,
    /** The broker has taken it, of messages to which nobody answers. */
    TAKEN,
    REFUSED,
    /** The queue may have been full. */
    SEND_FAILED,
    BROKER_UNAVAILABLE,
    /** The session was not resumed. */
    VOID,
    TIMED_OUT,
    /** The client says that it may have been done or not, because its connection failed. */
    LOST,
    /** The client says that it was not done. */
    NOT_SENT
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

  /** Where nobody answers, because nobody reads; empty for a request to the service. */
  final String filled;

  final long sentAt;
  Receipt receipt = Receipt.OUTSTANDING;
  Outcome outcome;
  long endedAt;
  String detail = "";
  boolean toldInReceipt;
  boolean toldOnChannel;

  Request(String id, String bridgeId, String filled, long sentAt) {
    this.id = id;
    this.bridgeId = bridgeId;
    this.filled = filled;
    this.sentAt = sentAt;
  }

  boolean isFilling() {
    return !filled.isEmpty();
  }

  void end(Outcome how, long at, String why) {
    outcome = how;
    endedAt = at;
    detail = why;
  }

  @Override
  public String toString() {
    return "%s sent to %s %s at %s, receipt %s, %s"
        .formatted(
            id,
            bridgeId,
            filled,
            RunClock.text(sentAt),
            receipt,
            outcome == null
                ? "no outcome"
                : outcome + " at " + RunClock.text(endedAt) + " " + detail);
  }
}
