package io.longspan.bayeux;

import io.longspan.concurrent.InternalErrors;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The receipts that the replies to one request wait for. CometD handles the messages of a request
 * one after another, each when the one before it has its reply; so that a destination which takes
 * nothing does not hold up what goes elsewhere, a publish is handled when the bridge has it, and
 * the replies are written when the last receipt is there.
 *
 * <p>The thread that handles a request {@linkplain #collect collects}; a publish that is handled on
 * another thread finds no collector, and CometD waits for its receipt.
 */
final class RequestReceipts {
  private static final ThreadLocal<RequestReceipts> CURRENT = new ThreadLocal<>();

  /** Guarded by this: completes with the last receipt. */
  private CompletableFuture<Void> all = CompletableFuture.completedFuture(null);

  private volatile boolean inSeries;

  /** Returns those of the request that this thread handles, unless it is handled in series. */
  static Optional<RequestReceipts> current() {
    return Optional.ofNullable(CURRENT.get()).filter(receipts -> !receipts.inSeries);
  }

  /**
   * Has CometD wait for each receipt of the request that this thread handles: it also holds a poll,
   * with which CometD writes its replies.
   */
  static void waitForEach() {
    current().ifPresent(receipts -> receipts.inSeries = true);
  }

  /** Handles a request, whose receipts are added here meanwhile. */
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
   * @param replied completes normally when the reply is what it will be
   */
  synchronized void add(CompletionStage<Void> replied) {
    all = all.thenCombine(replied, (before, last) -> null);
  }

  /** Runs an action when all receipts are there, on the thread that brings the last one. */
  void whenAll(Runnable action) {
    CompletableFuture<Void> last;
    synchronized (this) {
      last = all;
    }
    last.thenRun(() -> InternalErrors.guard("the replies to a request", action));
  }
}
