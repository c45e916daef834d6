package io.longspan.client;

import io.longspan.client.Incoming.Answer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** What requests and subscriptions need of their session. Used on the loop only. */
interface Session {

  /** Whether messages can be sent now; nothing is queued. */
  boolean isConnected();

  /** Returns a correlation id. */
  String nextId();

  /**
   * Sends a message. The receipt is called once, with null if the broker has taken it.
   *
   * @throws LongspanException if it cannot be sent at all
   */
  void send(Map<String, Object> data, Consumer<LongspanException> receipt);

  /** Sends a control message; completes with its answer or a {@link LongspanException}. */
  CompletableFuture<Answer> control(Map<String, Object> command);

  /**
   * Sends a control message that ends a subscription; fails only if the bridge refuses it. Without
   * a connection the session ends, and its subscriptions with it.
   */
  default CompletableFuture<Void> unsubscribe(Map<String, Object> command) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    control(command)
        .whenComplete(
            (answer, failure) -> {
              if (failure instanceof LongspanException.Refused) {
                done.completeExceptionally(failure);
              } else {
                done.complete(null);
              }
            });
    return done;
  }

  /** A call has ended: nothing may be in flight any more. */
  void callEnded();
}
