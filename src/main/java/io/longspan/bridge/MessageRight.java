package io.longspan.bridge;

import io.longspan.catalogue.TopicPolicy;
import io.longspan.protocol.DestinationName;
import io.longspan.protocol.Payload;

/**
 * The right of one client to the messages of a topic, pattern or queue, as the client's outbox
 * needs it. The default methods are those of a right whose messages are never withheld.
 *
 * <p>Called on any thread, under the lock of the outbox; must not block.
 */
interface MessageRight {
  /** What the client's outbox does with a message. */
  enum Passage {
    DELIVER,
    /** Withhold the message until the right is confirmed. */
    KEEP,
    DISCARD
  }

  /**
   * Decides what the outbox does with a message. While messages are discarded, every call records a
   * loss.
   */
  Passage passage(Payload payload);

  /** Returns the topic, pattern or queue. */
  DestinationName topic();

  /** Returns how the messages are treated if the client is too slow. */
  default TopicPolicy policy() {
    return TopicPolicy.DEFAULT;
  }

  /** Records that messages were discarded while the right is in doubt; else without effect. */
  default void discard() {}

  /** Changes from withholding to discarding. No effect if nothing is withheld. */
  default void keepNoLonger() {}

  /**
   * Resumes delivery after the right was confirmed. Called by one thread at a time.
   *
   * @param kept whether messages are withheld; they are lost if messages are discarded
   * @return false if messages were lost
   */
  default boolean resume(boolean kept) {
    return true;
  }
}
