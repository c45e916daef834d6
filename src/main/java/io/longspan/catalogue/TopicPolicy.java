package io.longspan.catalogue;

import java.time.Duration;
import java.util.Optional;

/**
 * Retention of a topic, and overflow handling of its messages (protocol section 10).
 *
 * @param slowConsumer what happens when the queue of a client overflows
 * @param latestBy property whose values {@code LATEST} distinguishes; empty: only the newest
 *     message of a topic counts
 * @param keep bounds of the retained messages
 * @param form the form of its messages
 * @param presence whether clients can learn who is subscribed (protocol section 18)
 * @param snapshot the service that gives the state to clients that subscribe (protocol section 17)
 */
public record TopicPolicy(
    SlowConsumer slowConsumer,
    Optional<String> latestBy,
    Keep keep,
    MessageForm form,
    boolean presence,
    Optional<Snapshot> snapshot) {
  /** Policy of an entry without {@code slowConsumer} and {@code keep}. */
  public static final TopicPolicy DEFAULT =
      new TopicPolicy(SlowConsumer.QUEUE, Optional.empty(), Keep.NOTHING);

  /**
   * Creates the policy of a topic without presence and snapshot, whose messages have the form of
   * JMS.
   */
  public TopicPolicy(SlowConsumer slowConsumer, Optional<String> latestBy, Keep keep) {
    this(slowConsumer, latestBy, keep, MessageForm.JMS, false, Optional.empty());
  }

  /** Returns the policy for messages of another form. */
  TopicPolicy withForm(MessageForm other) {
    return new TopicPolicy(slowConsumer, latestBy, keep, other, presence, snapshot);
  }

  TopicPolicy withPresence(boolean on) {
    return new TopicPolicy(slowConsumer, latestBy, keep, form, on, snapshot);
  }

  /** Returns the policy with another service that gives the state. */
  public TopicPolicy withSnapshot(Optional<Snapshot> other) {
    return new TopicPolicy(slowConsumer, latestBy, keep, form, presence, other);
  }

  /**
   * The service that gives the state of a topic to clients that subscribe.
   *
   * @param service its JMS queue, or its name if it is a local service
   * @param shared whether clients that subscribe at nearly the same time share one answer
   */
  public record Snapshot(BrokerDestination service, boolean shared) {}

  /** What happens when the queue of a client overflows. */
  public enum SlowConsumer {
    /** Nothing is discarded; the client is terminated. */
    QUEUE,
    /** Messages that a newer one with the same key supersedes are discarded first. */
    LATEST,
    /** The oldest messages are discarded. */
    DROP_OLDEST,
    /** A synonym of {@link #QUEUE}. */
    DISCONNECT;

    /** Returns whether messages may be discarded. */
    public boolean drops() {
      return this == LATEST || this == DROP_OLDEST;
    }
  }

  /**
   * Bounds of the retained messages of a topic; each bound applies.
   *
   * @param messages maximum number; 0: nothing is retained
   * @param bytes maximum size of the payloads, in bytes
   * @param age maximum age, and how long the subscription lingers without subscribers
   * @param always whether the bridge is subscribed also without subscribers (protocol section 17)
   */
  public record Keep(int messages, long bytes, Duration age, boolean always) {
    /** Nothing is retained. */
    public static final Keep NOTHING = new Keep(0, 0, Duration.ZERO);

    /** Creates bounds for messages that are retained from the first subscriber on. */
    public Keep(int messages, long bytes, Duration age) {
      this(messages, bytes, age, false);
    }

    /** Returns whether anything is retained. */
    public boolean isSomething() {
      return messages > 0 && bytes > 0 && !age.isZero();
    }
  }
}
