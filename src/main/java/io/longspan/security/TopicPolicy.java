package io.longspan.security;

import java.time.Duration;
import java.util.Optional;

/**
 * How a topic's messages are treated on their way to clients (protocol section 10).
 *
 * @param slowConsumer what happens to a client that does not keep up
 * @param latestBy the property whose values {@code latest} tells apart; empty: only the newest
 *     message of a topic counts
 * @param keep what is kept of the topic's last messages
 */
public record TopicPolicy(SlowConsumer slowConsumer, Optional<String> latestBy, Keep keep) {
  /** What an entry without further keys says. */
  public static final TopicPolicy DEFAULT =
      new TopicPolicy(SlowConsumer.QUEUE, Optional.empty(), Keep.NOTHING);

  /** What happens to a client that does not keep up with a topic. */
  public enum SlowConsumer {
    /** Messages wait; where too many do, the client is ended. */
    QUEUE,
    /** A newer message takes the place of those with the same key. */
    LATEST,
    /** The oldest messages make room. */
    DROP_OLDEST,
    /** As {@link #QUEUE}, said in so many words. */
    DISCONNECT;

    /** Returns whether messages may be dropped for the sake of newer ones. */
    public boolean drops() {
      return this == LATEST || this == DROP_OLDEST;
    }
  }

  /**
   * What is kept of a topic's last messages: whichever bound is reached first.
   *
   * @param messages how many; 0: nothing is kept
   * @param bytes of payload
   * @param age how old the oldest may be, and how long the subscription lingers without subscribers
   */
  public record Keep(int messages, long bytes, Duration age) {
    /** Nothing is kept. */
    public static final Keep NOTHING = new Keep(0, 0, Duration.ZERO);

    /** Returns whether anything is kept. */
    public boolean isSomething() {
      return messages > 0 && bytes > 0 && !age.isZero();
    }
  }
}
