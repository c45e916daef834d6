package io.longspan.bridge;

import io.longspan.catalogue.BrokerDestination;
import io.longspan.catalogue.BrokerDestination.Kind;
import io.longspan.config.LongspanConfig.Replies;

/**
 * The JMS names of one bridge's reply destinations that are not temporary (protocol section 14).
 * They begin with {@code broker.replyPrefix} and the bridge's id. No catalogue entry can name them.
 *
 * @param base the prefix and the bridge's id
 */
public record ReplyNames(String base) {
  /**
   * Returns the names of a bridge.
   *
   * @param bridgeId the bridge's id
   */
  public static ReplyNames of(Replies replies, String bridgeId) {
    return new ReplyNames(replies.base(bridgeId));
  }

  /** Returns the queue for the answers to all clients. */
  public BrokerDestination queue() {
    return BrokerDestination.queue(base);
  }

  /** Returns a new topic for the answers to one client. */
  public BrokerDestination newTopic() {
    return BrokerDestination.topic(base + '.' + RandomText.next());
  }

  /** Returns the pattern of the topics of all clients. */
  public BrokerDestination allTopics() {
    return new BrokerDestination(Kind.TOPIC, base + ".*", true);
  }

  /** Returns the queue for the answers to the bridge's own requests. */
  public BrokerDestination ownQueue() {
    return BrokerDestination.queue(base + ".requests");
  }

  /** Returns a new topic for the answers to the bridge's own requests. */
  public BrokerDestination newOwnTopic() {
    return BrokerDestination.topic(base + ".requests." + RandomText.next());
  }

  /** Returns the queue for snapshots. */
  public BrokerDestination snapshotQueue() {
    return BrokerDestination.queue(base + ".snapshots");
  }

  /** Returns a new topic for snapshots. */
  public BrokerDestination newSnapshotTopic() {
    return BrokerDestination.topic(base + ".snapshots." + RandomText.next());
  }

  /** Returns the queue to which a connection sends heartbeats. */
  public BrokerDestination heartbeatQueue() {
    return BrokerDestination.queue(base + ".heartbeat");
  }

  /** Returns a new topic to which one connection sends heartbeats. */
  public BrokerDestination newHeartbeatTopic() {
    return BrokerDestination.topic(base + ".heartbeat." + RandomText.next());
  }
}
