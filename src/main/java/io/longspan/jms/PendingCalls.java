package io.longspan.jms;

import io.longspan.concurrent.InternalErrors;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The calls of one session that have no result yet. When the session ends, they fail with {@code
 * brokerUnavailable}.
 *
 * <p>May be used on any thread; never blocks.
 */
final class PendingCalls {
  private final Set<CompletableFuture<?>> calls = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** Adds a call, until it has a result. {@link #failIfClosed} must follow once it is submitted. */
  <T> CompletableFuture<T> add(CompletableFuture<T> call) {
    calls.add(call);
    call.whenComplete((done, failure) -> calls.remove(call));
    return call;
  }

  /**
   * Runs the work of a call, and completes it. An unexpected failure is reported.
   *
   * @param what names the work in the report
   */
  static <T> void finish(CompletableFuture<T> call, Callable<T> work, String what) {
    try {
      call.complete(work.call());
    } catch (Exception | Error x) {
      BridgeException failure = JmsErrors.translate(x);
      if (call.completeExceptionally(failure) && failure.code() == ErrorCode.INTERNAL_ERROR) {
        InternalErrors.report(what, x);
      }
    }
  }

  /** Fails the calls that were added while the session ended. */
  void failIfClosed() {
    if (closed) {
      failAll();
    }
  }

  /** Fails all calls, and those that {@link #failIfClosed} finds later. */
  void close() {
    closed = true;
    failAll();
  }

  private void failAll() {
    for (CompletableFuture<?> call : calls) {
      call.completeExceptionally(BridgeException.brokerUnavailable(null));
    }
  }
}
