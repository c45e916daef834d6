package io.longspan.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The subscription of one listener to one or more topics. */
public interface TopicSubscription {

  /**
   * A topic that could not be subscribed.
   *
   * @param temporary whether it may be subscribed later
   */
  record Failure(String topic, String error, boolean temporary) {}

  /** Returns the topics that are still subscribed. */
  List<String> topics();

  /** Returns the topics that could not be subscribed. */
  List<Failure> failed();

  /**
   * Ends this subscription. The bridge unsubscribes a topic if no other listener of this client
   * needs it. Idempotent.
   *
   * @return completes when the bridge has answered, or with a {@link LongspanException.Refused}
   */
  CompletableFuture<Void> unsubscribe();
}
