package io.longspan.presence;

import java.util.List;

/**
 * A message between bridges.
 *
 * @param instance identifies the process of the sender; a restarted bridge has another one
 * @param seq the number of the message, 1 for the first of its sender. A hole is a lost message
 * @param content the content
 */
record PresenceMessage(String instance, long seq, Content content) {

  /** The content of a message. */
  sealed interface Content {}

  /**
   * A part of everything that is present on the sender. The parts of a state follow each other.
   *
   * @param part the number of this part, from 1
   * @param parts the number of parts
   */
  record State(int part, int parts, List<Entry> entries) implements Content {}

  /** Changes since the last message. */
  record Changes(List<Entry> entries) implements Content {}

  /** The sender lives and has nothing to say. */
  record Alive() implements Content {}

  /**
   * The sender needs the state of bridges.
   *
   * @param of the instance whose state is needed; empty for all
   */
  record Query(String of) implements Content {}

  /** The sender stops: nobody is present there any more. */
  record Bye() implements Content {}

  /**
   * How many clients of a user are present on a topic on the sending bridge.
   *
   * @param clients 0 if none is any more
   */
  record Entry(PresenceTopic topic, String user, int clients) {}
}
