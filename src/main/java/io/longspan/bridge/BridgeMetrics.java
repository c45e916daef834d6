package io.longspan.bridge;

import io.longspan.protocol.ErrorCode;

/**
 * What the core reports as it happens. Called on any thread, delivery threads included; never
 * blocks. An implementation overrides what it counts.
 */
public interface BridgeMetrics {
  /** Counts nothing. */
  BridgeMetrics NONE = new BridgeMetrics() {};

  /** The broker has taken a message of a client. */
  default void messageSent() {}

  /** A message of a topic came in, and went to so many clients. */
  default void topicMessage(int receivers) {}

  /** A message for one client came in. */
  default void clientMessage() {}

  /** Something of a client was refused. */
  default void refused(ErrorCode code) {}

  /** Properties were removed that only the bridge may set. */
  default void propertiesStripped(int count) {}

  /** A message of a pattern was left out, because no grant covers its topic. */
  default void uncoveredTopicMessage() {}

  /** An answer came that no request waits for. */
  default void answerWithoutRequest() {}

  /** A client was ended because it did not keep up. */
  default void slowClientEnded() {}

  /** A message of a topic was dropped, because its client did not keep up. */
  default void topicMessageDropped() {}

  /** A message was not delivered as it is, to one client. */
  default void undelivered(Undelivered reason) {}

  /** What was retained of a topic was evicted, for want of memory. */
  default void retainedEvicted() {}

  /** Memory was shed, because a budget was used up. */
  default void shed(Shedding step) {}

  /** A lost session was taken over, or could not be. */
  default void sessionResumed(boolean resumed) {}

  /** The rights to so many subscriptions are being confirmed. */
  default void subscriptionsChecked(int count) {}

  /** A subscription was suspended until its right is confirmed. */
  default void subscriptionSuspended() {}

  /** A consumer ended though its connection lives: its destination has an outage of its own. */
  default void consumerLost() {}

  /** An attempt to open something at the broker again has failed. */
  default void reopenFailed() {}

  /** A client was ended because its temporary topic could not be made again. */
  default void replyAddressLost() {}

  /** A subscription was taken away with the right to it. */
  default void accessRevoked() {}
}
