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
 * Opens what was lost at the broker again: each thing is tried until it is open or no longer
 * wanted, with a back-off between its attempts. However many things fail, only {@link
 * #ATTEMPTS_IN_A_TURN} are tried again in a {@link #TURN}.
 *
 * <p>Called on any thread; never blocks. The lock guards the queue only, never a call out.
 */
final class Reopenings {
  /** The pause after the first failure, in milliseconds; each further one doubles it. */
  static final long FIRST_DELAY = 500;

  /** The longest pause, in milliseconds. */
  static final long LONGEST_DELAY = 10_000;

  /** How many second and later attempts begin in a turn. */
  static final int ATTEMPTS_IN_A_TURN = 20;

  /** How long a turn lasts, in milliseconds. */
  static final long TURN = 200;

  private static final Logger LOG = LoggerFactory.getLogger(Reopenings.class);

  private final Scheduler scheduler;
  private final BridgeMetrics metrics;
  private final ConcurrentMap<Object, Run> runs = new ConcurrentHashMap<>();

  /** Guarded by itself: the runs whose pause is over. */
  private final Queue<Run> due = new ArrayDeque<>();

  /** Guarded by {@code due}: whether a turn is in progress or scheduled. */
  private boolean taking;

  Reopenings(Scheduler scheduler, BridgeMetrics metrics) {
    this.scheduler = scheduler;
    this.metrics = metrics;
  }

  /** The attempts at one thing, from its loss until it is open. */
  private static final class Run {
    private final Object thing;
    private final Supplier<? extends CompletionStage<?>> open;
    private final Runnable whenFailed;
    private final CompletableFuture<Boolean> first = new CompletableFuture<>();

    /** Belongs to the attempt in progress. */
    private int failures;

    Run(Object thing, Supplier<? extends CompletionStage<?>> open, Runnable whenFailed) {
      this.thing = thing;
      this.open = open;
      this.whenFailed = whenFailed;
    }
  }

  /**
   * Tries to open a thing, now and then again until it is open; replaces what was begun for it
   * before.
   *
   * @param thing names it in the log by its text
   * @param open begins an attempt; must not block
   * @param whenFailed is called once, after the first attempt if that fails
   * @return completes with the first attempt: true where the thing is open; cancelled where it is
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

  /** Counts a thing whose consumer has ended by itself; its owner starts to open it again. */
  void lost(Object thing) {
    LOG.warn("lost at the broker {}", thing);
    metrics.consumerLost();
  }

  /** Tries no more to open a thing. Idempotent. */
  void end(Object thing) {
    Run run = runs.remove(thing);
    if (run != null) {
      run.first.cancel(false);
    }
  }

  /** Tries no more to open anything: the connection is lost. */
  void endAll() {
    runs.keySet().forEach(this::end);
  }

  /** Returns how many things are not open, though they should be. */
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
                    failure, fault -> InternalErrors.report("opening " + run.thing, fault)));
          }
        });
  }

  private void opened(Run run) {
    if (runs.remove(run.thing, run) && run.failures > 0) {
      LOG.info("opened again {} failures={}", run.thing, run.failures);
    }
    run.first.complete(true);
  }

  private void failed(Run run, BridgeException failure) {
    if (!isWanted(run)) {
      return;
    }
    metrics.reopenFailed();
    run.failures++;
    long delay = Math.min(LONGEST_DELAY, FIRST_DELAY << Math.min(run.failures - 1, 10));
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
    // The next turn comes later even where nothing waits now, or each arrival would be a turn.
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
