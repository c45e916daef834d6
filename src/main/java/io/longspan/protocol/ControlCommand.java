package io.longspan.protocol;

import java.util.List;
import java.util.Optional;

/** A message on the control channel, decoded and checked (protocol section 2). */
public sealed interface ControlCommand {

  /** Returns what comes back in the answer. */
  String correlationId();

  /**
   * Opens the client's temporary topic.
   *
   * @param resume whether the client asks to take over a session that was lost
   */
  record Connect(String correlationId, boolean resume) implements ControlCommand {}

  /** Closes the client's temporary topic and its subscriptions. */
  record Disconnect(String correlationId) implements ControlCommand {}

  /**
   * Subscribes to topics.
   *
   * @param topics what the client named; not yet parsed, because each topic fails on its own
   * @param selector a JMS selector, if the client gave one
   */
  record TopicSubscribe(String correlationId, List<String> topics, Optional<String> selector)
      implements ControlCommand {}

  /** Ends subscriptions to topics. */
  record TopicUnsubscribe(String correlationId, List<String> topics) implements ControlCommand {}
}
