package io.longspan.client;

import java.util.concurrent.CompletableFuture;

/** The consumption of a queue. */
public interface QueueSubscription {

  String queue();

  /**
   * Ends it. Messages that are not settled go back to the queue, also those that are being
   * processed. Idempotent.
   *
   * @return completes when the bridge has answered, or with a {@link LongspanException.Refused}
   */
  CompletableFuture<Void> unsubscribe();
}
