package io.longspan.chaos;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Does what a plan says, and notes what it does. What something else is being done to is left
 * alone: a link that is frozen is not cut off as well, and a bridge that is being started is not
 * killed.
 */
final class Mischief implements AutoCloseable {
  private final Ledger ledger;
  private final Map<ChaosKind, Action> actions = new EnumMap<>(ChaosKind.class);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<ChaosKind, Integer> done = new EnumMap<>(ChaosKind.class);
  private final Set<Object> busy = new HashSet<>();

  /** Guarded by this: what has failed, and would make the run's result worthless. */
  private Throwable failure;

  Mischief(Ledger ledger) {
    this.ledger = ledger;
  }

  /** Adds the ways to carry some kinds out. */
  void learn(Map<ChaosKind, Action> more) {
    actions.putAll(more);
  }

  /** Does the whole plan; blocks until its last event is over and everything runs again. */
  void run(ChaosPlan plan) throws InterruptedException {
    long begin = ledger.clock().now();
    for (ChaosPlan.Event event : plan.events()) {
      TimeUnit.NANOSECONDS.sleep(begin + event.at().toNanos() - ledger.clock().now());
      begin(event, actions.get(event.kind()));
    }
    threads.shutdown();
    if (!threads.awaitTermination(10, TimeUnit.MINUTES)) {
      throw new AssertionError("what was stopped did not start again");
    }
    synchronized (this) {
      if (failure != null) {
        throw new AssertionError("what was done could not be undone", failure);
      }
    }
    ledger.chaos().add("all is well again");
  }

  /** Returns how often what was done. */
  synchronized Map<ChaosKind, Integer> done() {
    return new EnumMap<>(done);
  }

  private void begin(ChaosPlan.Event event, Action action) {
    Object target = action.target().apply(event);
    synchronized (this) {
      if (!busy.add(target)) {
        ledger.chaos().add(event + " left out: something else is being done there");
        return;
      }
      done.merge(event.kind(), 1, Integer::sum);
    }
    ledger.chaos().add(event + " begins: " + action.name().apply(event));
    threads.execute(() -> perform(event, action, target));
  }

  private void perform(ChaosPlan.Event event, Action action, Object target) {
    try {
      action.work().perform(event);
      ledger.chaos().add(event + " is over");
    } catch (Throwable x) {
      ledger.chaos().add(event + " failed: " + x);
      synchronized (this) {
        failure = x;
      }
    } finally {
      synchronized (this) {
        busy.remove(target);
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
