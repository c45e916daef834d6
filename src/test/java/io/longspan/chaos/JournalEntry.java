package io.longspan.chaos;

import java.util.OptionalLong;

/** One thing that a subscriber of a topic was told, in the order in which its application was. */
sealed interface JournalEntry {
  /** Returns when, in the run's time. */
  long at();

  /** The topic's subscription was answered. */
  record Subscribed(long at) implements JournalEntry {}

  /**
   * A message.
   *
   * @param number the publisher's
   * @param seq the session's
   * @param whole whether its body is the one that was published
   */
  record Delivered(long at, int number, long seq, boolean whole) implements JournalEntry {}

  /**
   * The bridge says that messages were, or may have been, missed.
   *
   * @param lost how many; empty where it is not known
   */
  record Gap(long at, String reason, OptionalLong lost) implements JournalEntry {}

  /**
   * The client knows by itself that it may have missed something: its session was not resumed, and
   * it has no message of the topic after which the bridge could go on.
   */
  record Broken(long at) implements JournalEntry {}

  /**
   * The client's session was not resumed, and it asks to go on after its last message of the topic:
   * what it was told is lost since then may come after all.
   */
  record Resumed(long at) implements JournalEntry {}

  /**
   * Messages that came before the answer to {@code connect}, in a session that was resumed. The
   * client has not confirmed them, so the bridge may send them again, or drop them and count them
   * as lost, though the client has them.
   */
  record Unconfirmed(long at, int messages) implements JournalEntry {}

  /** The right to read the topic was taken away. */
  record Revoked(long at) implements JournalEntry {}
}
