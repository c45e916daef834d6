package io.longspan.deliveries;

import io.longspan.catalogue.BrokerDestination;
import java.util.Map;
import java.util.Optional;

/** The outcome of a delivery. */
public sealed interface Settlement {

  /** The message is done. It is never delivered again. */
  record Acknowledge() implements Settlement {}

  /**
   * The message goes back to the queue, for any consumer.
   *
   * @param delay how long the bridge keeps the message before, in milliseconds. Meanwhile its
   *     consumer receives another message in its place
   * @param pause how long this consumer receives no message in its place afterwards, in
   *     milliseconds
   */
  record Release(long delay, long pause) implements Settlement {
    /** Releases a message without a delay and without a pause. */
    public static final Release NOW = new Release(0, 0);
  }

  /**
   * The message is moved to a dead letter queue.
   *
   * @param queue the dead letter queue; empty for the one of the broker
   * @param properties JMS properties that are added to the message
   */
  record Reject(Optional<BrokerDestination> queue, Map<String, Object> properties)
      implements Settlement {}

  /** The only acknowledgement. */
  Settlement ACKNOWLEDGE = new Acknowledge();
}
