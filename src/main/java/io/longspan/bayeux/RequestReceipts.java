package io.longspan.bayeux;

import io.longspan.concurrent.InternalErrors;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Collects the receipts that the replies to one request wait for.
 *
 * <p>CometD handles the messages of a request in order, and waits for each reply. A full
 * destination would then delay messages to other destinations. With this class a publish counts as
 * handled as soon as the core has it. The replies are written after the last receipt.
 *
 * <p>The collector belongs to the thread that handles the request, see {@link #collect}. A publish
 * that is handled on another thread finds none, so CometD waits for its receipt.
 */
final class RequestReceipts {
  private static final ThreadLocal<RequestReceipts> CURRENT = new ThreadLocal<>();

  /** Completes with the last receipt. Guarded by this. */
  private CompletableFuture<Void> all = CompletableFuture.completedFuture(null);

  private volatile boolean inSeries;

  /** The channel on which an answer to this request will come; null if none is expected. */
  private volatile BayeuxClientChannel answering;

  private volatile boolean refused;

  /**
   * Returns the collector of the request that this thread handles; empty if CometD must wait for
   * each receipt.
   */
  static Optional<RequestReceipts> current() {
    return Optional.ofNullable(CURRENT.get()).filter(receipts -> !receipts.inSeries);
  }

  /**
   * Makes CometD wait for each receipt of the current request. A request with a poll needs this,
   * because CometD writes the replies together with the poll's reply.
   */
  static void waitForEach() {
    current().ifPresent(receipts -> receipts.inSeries = true);
  }

  /**
   * Notes that the current request contains a message whose answer will come on a channel.
   *
   * @param channel the client's channel
   */
  static void expectAnswer(BayeuxClientChannel channel) {
    current().ifPresent(receipts -> receipts.answering = channel);
  }

  /** Notes that a message was refused. The client must learn it at once. */
  void refused() {
    refused = true;
  }

  /**
   * Returns whether the replies may wait for an answer: one is expected, no message was refused,
   * and nothing that waits for the client is about to be written. Must be called after the last
   * receipt.
   */
  boolean mayWait() {
    BayeuxClientChannel channel = answering;
    return channel != null && !refused && (channel.isHolding() || !channel.hasWaiting());
  }

  /** Runs the handling of a request on this thread, and collects its receipts meanwhile. */
  void collect(Runnable handling) {
    RequestReceipts outer = CURRENT.get();
    CURRENT.set(this);
    try {
      handling.run();
    } finally {
      CURRENT.set(outer);
    }
  }

  /**
   * Adds a receipt.
   *
   * @param replied completes normally when the content of the reply is final
   */
  synchronized void add(CompletionStage<Void> replied) {
    all = all.thenCombine(replied, (before, last) -> null);
  }

  /**
   * Runs an action after all receipts, on the thread that completes the last one. Runs it at once
   * if none is pending.
   */
  void whenAll(Runnable action) {
    CompletableFuture<Void> last;
    synchronized (this) {
      last = all;
    }
    last.thenRun(() -> InternalErrors.guard("the sending of the replies to a request", action));
  }
}
