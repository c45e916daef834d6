package io.longspan.bridge;

import io.longspan.protocol.ErrorCode;

/**
 * Events that the core reports as they happen. An implementation overrides the methods of the
 * events that it counts.
 *
 * <p>Called on any thread, JMS delivery threads included, possibly under a lock; must not block.
 */
public interface BridgeMetrics {
  /** Ignores every event. */
  BridgeMetrics NONE = new BridgeMetrics() {};

  /** The broker has accepted a message from a client. */
  default void messageSent() {}

  /**
   * The broker has accepted a message from a client.
   *
   * @param broker the name of the broker; empty for the default one
   * @param entry the name of the catalogue entry; empty for a reply handle
   * @param millis the time since the message was handed to the broker
   */
  default void messageAccepted(String broker, String entry, long millis) {}

  /**
   * The first answer to a request was received.
   *
   * @param entry the name of the catalogue entry of the request
   * @param millis the time since the request was handed to the broker
   */
  default void requestAnswered(String entry, long millis) {}

  /**
   * A topic message was taken from a client's outbox, to be written.
   *
   * @param millis the time since the bridge received it
   */
  default void topicMessageTaken(long millis) {}

  /**
   * A topic message was received.
   *
   * @param receivers the number of outboxes that it was queued in, at least 0
   */
  default void topicMessage(int receivers) {}

  /** A message was received on a client's reply destination. */
  default void clientMessage() {}

  /** A client was refused something. */
  default void refused(ErrorCode code) {}

  /**
   * A message from a client was forwarded.
   *
   * @param count how many of its properties were removed because only the bridge may set them, or
   *     because they are an invalid trace context; at least 0
   */
  default void propertiesStripped(int count) {}

  /** A message that matched a pattern was discarded, because no grant covers its topic. */
  default void uncoveredTopicMessage() {}

  /**
   * A message with a correlation id was received on a reply destination, but no request with that
   * id is in flight.
   */
  default void answerWithoutRequest() {}

  /**
   * An answer was discarded: no client has the topic that received it, or no request in flight has
   * its correlation id.
   */
  default void unknownAnswer() {}

  /** A message of a service did not have the envelope of its catalogue entry. */
  default void malformedEnvelope() {}

  /** A session was terminated because its client was too slow. */
  default void slowClientEnded() {}

  /**
   * A topic message was discarded in a client's outbox: superseded, for want of room, or expired.
   */
  default void topicMessageDropped() {}

  /** A message was replaced by a notice, or delivered without its body, for one client. */
  default void undelivered(Undelivered reason) {}

  /** Retained messages of a topic were evicted for want of memory. */
  default void retainedEvicted() {}

  /** A service was asked for a snapshot. */
  default void snapshotAsked() {}

  /** The wait of a client for a snapshot has ended. */
  default void snapshotEnded(SnapshotEnd how) {}

  /** A client's message did not fit the schema of its entry, and was forwarded. */
  default void schemaMismatch() {}

  /** Memory was shed because an account was over its limit. */
  default void shed(Shedding step) {}

  /**
   * A client asked to resume a session.
   *
   * @param resumed whether that succeeded
   */
  default void sessionResumed(boolean resumed) {}

  /**
   * Checks of the rights to subscriptions were started.
   *
   * @param count the number of subscriptions, at least 1
   */
  default void subscriptionsChecked(int count) {}

  /** A subscription was suspended until its right is confirmed. */
  default void subscriptionSuspended() {}

  /** A consumer ended although the connection is alive: an outage of its destination alone. */
  default void consumerLost() {}

  /** An attempt to open something at the broker again has failed. */
  default void reopenFailed() {}

  /** A session was terminated because its temporary topic could not be opened again. */
  default void replyAddressLost() {}

  /** A message between bridges was discarded: it is malformed or announces too much. */
  default void presenceMessageDiscarded() {}

  /** A message from a queue was settled, or could not be delivered. */
  default void deliverySettled(DeliveryOutcome outcome) {}

  /** A newer session has taken a durable subscription over. */
  default void durableTakenOver() {}

  /** A subscription was ended because its right was revoked. */
  default void accessRevoked() {}
}
