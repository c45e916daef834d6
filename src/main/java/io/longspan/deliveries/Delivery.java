package io.longspan.deliveries;

import io.longspan.protocol.BrokerMessage;
import java.util.concurrent.CompletionStage;

/**
 * A message that was given to this bridge and to no other consumer. The broker waits for its
 * outcome, and takes the message back if the connection or the consumer ends first.
 *
 * <p>Called on any thread; never blocks.
 */
public interface Delivery {
  BrokerMessage message();

  /** Returns how often the broker has delivered the message, this time included; at least 1. */
  int count();

  /** Returns whether the broker has delivered the message before. */
  default boolean isRedelivered() {
    return count() > 1;
  }

  /**
   * Settles the message. Only the first call has an effect; settlements of one consumer reach the
   * broker in the order of the calls.
   *
   * @return completes when the broker has processed the settlement. Fails with {@code
   *     BridgeException}: {@code brokerUnavailable} if the connection or the consumer has ended, so
   *     that the broker delivers the message again; {@code sendFailed} or {@code limitExceeded} if
   *     the message could not be moved to its dead letter queue. It is released then
   */
  CompletionStage<Void> settle(Settlement settlement);
}
