package io.longspan.bridge;

import io.longspan.concurrent.InternalErrors;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens things at the broker again that were lost. Each is retried with a back-off, until it is
 * open or no longer wanted. However many fail, at most {@link #ATTEMPTS_IN_A_TURN} retries start in
 * each {@link #TURN}.
 *
 * <p>Called on any thread; never blocks. The lock guards the queue only, and is never held around a
 * call out.
 */
final class Reopenings {
  /** The back-off after the first failure, in milliseconds; each further failure doubles it. */
  static final long FIRST_DELAY = 500;

  /** The maximum back-off, in milliseconds. */
  static final long MAX_DELAY = 10_000;

  /** The maximum number of retries that start in one turn. */
  static final int ATTEMPTS_IN_A_TURN = 20;

  /** The duration of a turn, in milliseconds. */
  static final long TURN = 200;

  private static final Logger LOG = LoggerFactory.getLogger(Reopenings.class);

  private final Scheduler scheduler;
  private final BridgeMetrics metrics;
  private final ConcurrentMap<Object, Run> runs = new ConcurrentHashMap<>();

  /** Guarded by itself: runs whose back-off is over. */
  private final Queue<Run> due = new ArrayDeque<>();

  /** Guarded by {@code due}: whether a turn is running or scheduled. */
  private boolean taking;

  Reopenings(Scheduler scheduler, BridgeMetrics metrics) {
    this.scheduler = scheduler;
    this.metrics = metrics;
  }

  /** The attempts to open one thing, until it is open. */
  private static final class Run {
    private final Object thing;
    private final Supplier<? extends CompletionStage<?>> open;
    private final Runnable whenFailed;
    private final CompletableFuture<Boolean> first = new CompletableFuture<>();

    /** Owned by the attempt in progress. */
    private int failures;

    Run(Object thing, Supplier<? extends CompletionStage<?>> open, Runnable whenFailed) {
      this.thing = thing;
      this.open = open;
      this.whenFailed = whenFailed;
    }
  }

  /**
   * Tries to open a thing now, and retries until it is open. Replaces an earlier run for the same
   * thing.
   *
   * @param thing the key of the run; its {@code toString} names it in the log
   * @param open starts an attempt; must not block
   * @param whenFailed called once, if the first attempt fails
   * @return completes with the first attempt, with whether it succeeded; cancelled if the thing is
   *     no longer wanted before
   */
  CompletableFuture<Boolean> start(
      Object thing, Supplier<? extends CompletionStage<?>> open, Runnable whenFailed) {
    Run run = new Run(thing, open, whenFailed);
    Run replaced = runs.put(thing, run);
    if (replaced != null) {
      replaced.first.cancel(false);
    }
    attempt(run);
    return run.first;
  }

  /** Logs and counts a consumer that has ended by itself. Its owner must start to open it again. */
  void lost(Object thing) {
    LOG.warn("consumer lost, the bridge reopens it {}", thing);
    metrics.consumerLost();
  }

  /** Stops the attempts to open a thing. Idempotent. */
  void end(Object thing) {
    Run run = runs.remove(thing);
    if (run != null) {
      run.first.cancel(false);
    }
  }

  /** Stops all attempts: the connection is lost. */
  void endAll() {
    runs.keySet().forEach(this::end);
  }

  /** Returns the number of things that are wanted and not open. */
  int size() {
    return runs.size();
  }

  private boolean isWanted(Run run) {
    return runs.get(run.thing) == run;
  }

  private void attempt(Run run) {
    CompletionStage<?> opening;
    try {
      opening = run.open.get();
    } catch (RuntimeException x) {
      opening = CompletableFuture.failedFuture(x);
    }
    opening.whenComplete(
        (opened, failure) -> {
          if (failure == null) {
            opened(run);
          } else {
            failed(
                run,
                BridgeException.from(
                    failure, fault -> InternalErrors.report("the opening of " + run.thing, fault)));
          }
        });
  }

  private void opened(Run run) {
    if (runs.remove(run.thing, run) && run.failures > 0) {
      LOG.info("reopened {} failures={}", run.thing, run.failures);
    }
    run.first.complete(true);
  }

  private void failed(Run run, BridgeException failure) {
    if (!isWanted(run)) {
      return;
    }
    metrics.reopenFailed();
    run.failures++;
    long delay = Math.min(MAX_DELAY, FIRST_DELAY << Math.min(run.failures - 1, 10));
    if (run.failures == 1) {
      LOG.warn(
          "not opened {} retryInMillis={} error={}",
          run.thing,
          delay,
          failure.toBayeuxError(),
          failure.code() == ErrorCode.INTERNAL_ERROR ? null : failure.getCause());
      run.whenFailed.run();
    } else {
      LOG.debug("not opened {} failures={}", run.thing, run.failures, failure);
    }
    run.first.complete(false);
    scheduler.schedule(() -> enqueue(run), delay);
  }

  private void enqueue(Run run) {
    if (!isWanted(run)) {
      return;
    }
    synchronized (due) {
      due.add(run);
      if (taking) {
        return;
      }
      taking = true;
    }
    takeTurn();
  }

  private void takeTurn() {
    for (int i = 0; i < ATTEMPTS_IN_A_TURN; ) {
      Run next;
      synchronized (due) {
        next = due.poll();
      }
      if (next == null) {
        break;
      }
      if (isWanted(next)) {
        attempt(next);
        i++;
      }
    }
    // Always wait for the next turn, even if nothing waits now: otherwise each arrival is a turn.
    scheduler.schedule(this::nextTurn, TURN);
  }

  private void nextTurn() {
    synchronized (due) {
      if (due.isEmpty()) {
        taking = false;
        return;
      }
    }
    takeTurn();
  }
}
