package io.longspan.chaos;

/** What is wrong with a message of a publisher or a service. */
enum Strangeness {
  NONE,
  /** More than a bridge keeps for a client. */
  TOO_LARGE,
  /** Its body cannot be decoded. */
  UNREADABLE,
  /** It has a time to live of two seconds at most. */
  EXPIRES
}
