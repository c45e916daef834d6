package io.longspan.client;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a client reports. The methods are called one at a time on the client's executor, in the
 * order of the events and of the messages.
 */
public interface ClientListener {

  /** What the client is doing. */
  enum Status {
    DISCONNECTED,
    CONNECTING,
    CONNECTED,
    RECONNECTING
  }

  /**
   * A topic of which messages are missing.
   *
   * @param lost their number; empty if unknown
   */
  record MissedTopic(String topic, OptionalLong lost) {}

  /**
   * The status has changed.
   *
   * @param error the reason if the client has failed
   */
  default void statusChanged(Status status, Optional<LongspanException> error) {}

  /**
   * Messages of these topics were, or may have been, missed.
   *
   * @param reason the bridge's, or {@code sessionLost} or {@code slowConsumer} of this client
   */
  default void gap(List<MissedTopic> topics, String reason) {}

  /**
   * The bridge has ended subscriptions.
   *
   * @param reason {@code accessRevoked}, {@code takenOver}, or the error of a new session
   */
  default void topicsRevoked(List<String> topics, String reason) {}

  /**
   * The bridge has ended the consumption of queues.
   *
   * @param reason {@code accessRevoked}, or the error of a new session
   */
  default void queuesRevoked(List<String> queues, String reason) {}

  /**
   * The bridge lost a broker, has it back, or drains.
   *
   * @param status {@code suspended}, {@code resumed} or {@code draining}
   * @param broker empty for the default broker
   */
  default void bridgeStatus(String status, Optional<String> broker) {}

  /** A message has come that is neither an answer nor of a topic. */
  default void received(Message message) {}
}
