package io.longspan.deliveries;

import java.util.concurrent.CompletionStage;

/** A consumer at the broker whose messages are settled one by one. */
public interface DeliveryConsumer {
  /**
   * Closes the consumer; idempotent. The broker takes back all messages that are not settled.
   *
   * @return completes when it has taken them back, on any thread
   */
  CompletionStage<Void> close();

  /**
   * Returns a stage that completes if the consumer ends by itself while the connection is alive.
   * The broker has taken back all messages then. It may never complete if the connection is lost.
   */
  CompletionStage<Void> lost();
}
