package io.longspan.bridge;

import io.longspan.bridge.MessageBroker.TopicConsumer;
import io.longspan.protocol.BridgeException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * One consumer that receives the answers to many clients. It is opened when the first client needs
 * it, and again after a loss when the next one does.
 *
 * <p>Called on any thread; never blocks. The lock guards the field and is never held around a call
 * out.
 */
final class SharedReplyConsumer {
  private final Supplier<CompletionStage<TopicConsumer>> opening;
  private final Runnable whenLost;

  /** The consumer that is open or being opened; null: none. Guarded by this. */
  private CompletableFuture<Object> current;

  /**
   * Creates a consumer that is not open.
   *
   * @param opening opens it; must not block
   * @param whenLost called when it has ended by itself while the connection is alive
   */
  SharedReplyConsumer(Supplier<CompletionStage<TopicConsumer>> opening, Runnable whenLost) {
    this.opening = opening;
    this.whenLost = whenLost;
  }

  /**
   * Opens the consumer, unless it is open.
   *
   * @return completes with a value that {@link #isOpen} takes. Fails with a {@code BridgeException}
   *     if the broker rejects the consumer, or if the connection is lost; the next call tries again
   */
  CompletionStage<Object> open() {
    CompletableFuture<Object> wanted;
    synchronized (this) {
      if (current != null) {
        return current;
      }
      wanted = new CompletableFuture<>();
      current = wanted;
    }
    opening
        .get()
        .whenComplete(
            (consumer, failure) -> {
              if (failure != null) {
                forget(wanted);
                wanted.completeExceptionally(failure);
              } else if (!isOpen(wanted)) {
                consumer.close();
                wanted.completeExceptionally(BridgeException.brokerUnavailable(null));
              } else {
                wanted.complete(wanted);
                consumer.lost().thenRun(() -> lost(wanted));
              }
            });
    return wanted;
  }

  private void lost(CompletableFuture<Object> consumer) {
    if (forget(consumer)) {
      whenLost.run();
    }
  }

  private synchronized boolean forget(CompletableFuture<Object> consumer) {
    boolean present = current == consumer;
    if (present) {
      current = null;
    }
    return present;
  }

  /**
   * Returns whether a consumer is still the present one.
   *
   * @param opened the result of {@link #open}
   */
  synchronized boolean isOpen(Object opened) {
    return current == opened;
  }

  /** Returns whether a consumer is open or being opened. */
  synchronized boolean isOpen() {
    return current != null;
  }

  /** Forgets the consumer: it has ended with its connection. */
  synchronized void connectionLost() {
    current = null;
  }
}
