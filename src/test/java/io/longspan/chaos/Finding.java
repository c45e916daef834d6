package io.longspan.chaos;

/**
 * Something that nothing explains.
 *
 * @param kind what it is
 * @param subject the topic or the request
 * @param at when it was noticed, in the run's time
 * @param number the first message that it is about; 0: none
 * @param text a sentence
 */
record Finding(Kind kind, String subject, long at, int number, String text) {
  /** What a finding can be. */
  enum Kind {
    MISSING,
    TWICE,
    OUT_OF_ORDER,
    NEVER_PUBLISHED,
    ANNOUNCED_TOO_MANY,
    UNEXPLAINED_GAP,
    AFTER_REVOCATION,
    UNEXPLAINED_REVOCATION,
    WITHOUT_RIGHT,
    WRONG_BODY,
    TOO_LATE,
    SEQ_WENT_BACK,
    WRONG_ANSWER,
    SECOND_OUTCOME,
    UNEXPLAINED_REFUSAL,
    UNEXPLAINED_TIMEOUT,
    UNEXPLAINED_LOSS,
    SERVED_AFTER_ALL,
    NO_ROOM,
    NO_OUTCOME,
    UNEXPECTED_MESSAGE,
    CLIENT_FAILED,
    STUCK
  }
}
