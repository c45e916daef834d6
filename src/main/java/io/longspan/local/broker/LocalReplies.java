package io.longspan.local.broker;

import io.longspan.bridge.MessageBroker.AnswerListener;
import io.longspan.bridge.MessageBroker.ReplyDestination;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Where the answers for one client go, and the calls of this client. Called on any thread; never
 * blocks.
 */
final class LocalReplies implements ReplyDestination {
  private final AnswerListener listener;
  private final Set<LocalCall> calls = ConcurrentHashMap.newKeySet();
  private final ConcurrentMap<String, LocalCall> byCorrelationId = new ConcurrentHashMap<>();
  private volatile boolean closed;

  LocalReplies(AnswerListener listener) {
    this.listener = listener;
  }

  AnswerListener listener() {
    return listener;
  }

  /** Returns an empty name: a local service learns no reply address. */
  @Override
  public String name() {
    return "";
  }

  /** Adds a call. It replaces one with the same correlation id. */
  void add(LocalCall call) {
    calls.add(call);
    call.request()
        .correlationId()
        .map(id -> byCorrelationId.put(id, call))
        .ifPresent(replaced -> replaced.cancel(LocalOutcome.CANCELLED));
    if (closed) {
      call.cancel(LocalOutcome.ABANDONED);
    }
  }

  /** Removes a call that has ended. */
  void remove(LocalCall call) {
    calls.remove(call);
    call.request().correlationId().ifPresent(id -> byCorrelationId.remove(id, call));
  }

  /** Cancels the request with a correlation id, if it was sent to this destination. */
  void cancel(String destination, Optional<String> correlationId) {
    correlationId
        .map(byCorrelationId::get)
        .filter(call -> call.request().destination().equals(destination))
        .ifPresent(call -> call.cancel(LocalOutcome.CANCELLED));
  }

  @Override
  public CompletionStage<Void> close() {
    closed = true;
    List.copyOf(calls).forEach(call -> call.cancel(LocalOutcome.ABANDONED));
    return CompletableFuture.completedFuture(null);
  }

  /** Never completes: nothing but the bridge ends it. */
  @Override
  public CompletionStage<Void> lost() {
    return new CompletableFuture<>();
  }
}
