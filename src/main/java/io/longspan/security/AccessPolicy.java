package io.longspan.security;

import io.longspan.protocol.BrokerDestination;
import io.longspan.protocol.DestinationName;
import java.util.concurrent.CompletionStage;

/**
 * Decides what an identity may reach, and under which JMS name. It fails closed: a denial, an
 * unknown name, a timeout and a fault all end in the same {@code notAuthorized}. A decision that
 * began before a change of rights which concerns it is made again.
 *
 * <p>Called on command threads; it never blocks. A decision may complete on any thread.
 */
public interface AccessPolicy {

  /**
   * Decides about sending.
   *
   * @return the destination, or a failed stage with {@code BridgeException}
   */
  CompletionStage<BrokerDestination> maySend(Identity identity, DestinationName name);

  /**
   * Decides about subscribing.
   *
   * @param name a topic, or a pattern of topics
   * @return the grant; or a failed stage with {@code notAuthorized}, or with {@code limitExceeded}
   *     where the question could not be asked because too many others wait
   */
  CompletionStage<TopicGrant> maySubscribe(Identity identity, DestinationName name);

  /**
   * Decides whether a subscription may go on.
   *
   * @return the grant of now; or a failed stage with {@code notAuthorized}, with {@code
   *     brokerUnavailable} where nobody answered, or with {@code limitExceeded} where the question
   *     could not be asked because too many others wait
   */
  CompletionStage<TopicGrant> mayStay(Identity identity, DestinationName name);

  /**
   * Returns whether a decision of {@link #mayStay} that is under way is late for want of capacity,
   * and not because the authorisation service is silent.
   */
  default boolean isHeldUp(Identity identity, DestinationName name) {
    return false;
  }

  /** Returns whether no change of rights since it was decided concerns a grant. */
  boolean isCurrent(Identity identity, TopicGrant grant);

  /**
   * Learns which roles a user has presented, before anything is decided for them: a role that
   * appears later gives no right to what is retained from before. Called on any thread.
   */
  default void saw(Identity identity) {}

  /**
   * Learns whether changes of rights can be heard. While they cannot, as at the beginning, no right
   * is granted that only such a change takes away: decisions about it fail with {@code
   * brokerUnavailable}, those of {@link #mayStay} with {@code limitExceeded}.
   */
  default void hearsChanges(boolean heard) {}

  /** Returns whether a right to a topic is one that only an event takes away. */
  default boolean needsEvents(Identity identity, DestinationName name) {
    return false;
  }

  /** Learns that rights have changed; nothing that was decided before is used again. */
  void changed(RightsChange change);
}
