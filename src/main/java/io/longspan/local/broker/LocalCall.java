package io.longspan.local.broker;

import io.longspan.bridge.MessageBroker.AnswerListener;
import io.longspan.concurrent.InternalErrors;
import io.longspan.local.LocalMessage;
import io.longspan.local.LocalParts;
import io.longspan.local.LocalRequest;
import io.longspan.local.LocalService;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import io.longspan.protocol.UserChannel;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request to a local service, until it ends with exactly one {@link LocalOutcome}. What the
 * service does later is discarded and counted.
 *
 * <p>Called on any thread; never blocks, except {@link #invoke}. The lock guards the fields of the
 * running thread only.
 */
final class LocalCall implements LocalParts {
  private static final Logger LOG = LoggerFactory.getLogger(LocalCall.class);

  private final LocalRequest request;
  private final CompletableFuture<Void> cancelled;
  private final long deadline;
  private final AnswerListener listener;
  private final LocalMessages messages;
  private final LocalCounts counts;
  private final LogPace pace;
  private final Consumer<LocalCall> whenEnded;
  private final AtomicReference<LocalOutcome> outcome = new AtomicReference<>();
  private final AtomicInteger parts = new AtomicInteger();

  /** Guarded by this: the thread of the pool that calls the service; null while none does. */
  private Thread runner;

  /**
   * Creates a call.
   *
   * @param cancelled the stage of the request, which this call completes
   * @param deadline in milliseconds of the bridge's ticker
   * @param listener receives the answer
   * @param pace allows lines of the log about failures
   * @param whenEnded called once, when the call has ended
   */
  LocalCall(
      LocalRequest request,
      CompletableFuture<Void> cancelled,
      long deadline,
      AnswerListener listener,
      LocalMessages messages,
      LocalCounts counts,
      LogPace pace,
      Consumer<LocalCall> whenEnded) {
    this.request = request;
    this.cancelled = cancelled;
    this.deadline = deadline;
    this.listener = listener;
    this.messages = messages;
    this.counts = counts;
    this.pace = pace;
    this.whenEnded = whenEnded;
  }

  LocalRequest request() {
    return request;
  }

  boolean isOverdue(long now) {
    return deadline - now < 0;
  }

  private boolean hasEnded() {
    return outcome.get() != null;
  }

  /** Calls the service on a thread of the pool, which is interrupted if the call is cancelled. */
  void invokeOnPool(LocalService service) {
    synchronized (this) {
      runner = Thread.currentThread();
    }
    try {
      invoke(service);
    } finally {
      synchronized (this) {
        runner = null;
        Thread.interrupted(); // it was for this call only
      }
    }
  }

  /** Calls the service on this thread, unless the call has ended. Blocks as the service does. */
  void invoke(LocalService service) {
    if (hasEnded()) {
      return;
    }
    Thread thread = Thread.currentThread();
    ClassLoader own = thread.getContextClassLoader();
    thread.setContextClassLoader(service.getClass().getClassLoader());
    try {
      service.handle(request, this).whenComplete(this::completed);
    } catch (Throwable failure) {
      failed(failure);
    } finally {
      thread.setContextClassLoader(own);
    }
  }

  private void completed(LocalMessage answer, Throwable failure) {
    if (failure != null) {
      failed(
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure);
    } else if (answer == null) {
      failed(new NullPointerException("the answer is null"));
    } else if (end(LocalOutcome.ANSWERED)) {
      int sequence = parts.get() == 0 ? 0 : parts.incrementAndGet();
      deliver(answer, sequence, true);
    } else {
      counts.lateAnswer();
    }
  }

  @Override
  public boolean send(LocalMessage part) {
    Objects.requireNonNull(part, "the part is null");
    if (hasEnded()) {
      counts.lateAnswer();
      return false;
    }
    deliver(part, parts.incrementAndGet(), false);
    return true;
  }

  private void deliver(LocalMessage message, int sequence, boolean last) {
    InternalErrors.guard(
        "the delivery of an answer of a local service",
        () -> listener.accept(messages.answer(message, request.correlationId(), sequence, last)));
  }

  private void failed(Throwable failure) {
    if (end(LocalOutcome.FAILED)) {
      if (pace.allows()) {
        LOG.warn("local service failed {}", this, failure);
      }
      tell("the service failed");
    } else {
      counts.lateAnswer();
    }
  }

  /** Ends the call because its deadline has passed. */
  void overdue() {
    if (end(LocalOutcome.OVERDUE)) {
      if (pace.allows()) {
        LOG.warn("local service has not answered in time {}", this);
      }
      cancelled.complete(null);
      tell("the service did not answer in time");
    }
  }

  private void tell(String text) {
    InternalErrors.guard(
        "the failure of a local service",
        () ->
            listener.failed(
                request.correlationId(), new BridgeException(ErrorCode.SERVICE_FAILED, text)));
  }

  /** Ends the call because nobody waits for its answer any more. Tells the client nothing. */
  void cancel(LocalOutcome why) {
    if (end(why)) {
      cancelled.complete(null);
    }
  }

  private boolean end(LocalOutcome how) {
    if (!outcome.compareAndSet(null, how)) {
      return false;
    }
    counts.ended(how);
    whenEnded.accept(this);
    if (how != LocalOutcome.ANSWERED && how != LocalOutcome.FAILED) {
      interrupt();
    }
    return true;
  }

  private synchronized void interrupt() {
    if (runner != null) {
      runner.interrupt();
    }
  }

  @Override
  public String toString() {
    return "destination=%s user=%s"
        .formatted(request.destination(), UserChannel.encode(request.user()));
  }
}
