package io.longspan.local.broker;

import io.longspan.concurrent.FairTurns;
import io.longspan.concurrent.InternalErrors;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The calls of one service that wait for a thread. Users take turns, and one user has at most half
 * of the service's threads. So a slow call delays its own user, and no other service.
 *
 * <p>Called on any thread; never blocks. The lock guards the fields and is never held around a call
 * out.
 */
final class ServiceTurns {
  /** The maximum number of calls that wait. */
  static final int MAX_WAITING = 10_000;

  /** The maximum number of calls of one user that wait. */
  static final int MAX_WAITING_OF_USER = 1_000;

  private final int threads;
  private final Executor executor;
  private final Consumer<LocalCall> run;

  /** Guarded by this, like the fields below. */
  private final FairTurns<String, LocalCall> waiting = new FairTurns<>();

  /** Only users with a call that waits or runs. */
  private final Map<String, Load> users = new HashMap<>();

  private int running;

  private static final class Load {
    private int waiting;
    private int running;
  }

  /**
   * Creates an empty queue.
   *
   * @param threads the maximum number of calls that run at once
   * @param executor its threads run the calls
   * @param run runs a call; may block, and does not throw
   */
  ServiceTurns(int threads, Executor executor, Consumer<LocalCall> run) {
    this.threads = threads;
    this.executor = executor;
    this.run = run;
  }

  /**
   * Adds a call.
   *
   * @return false if too many wait
   * @throws java.util.concurrent.RejectedExecutionException if the executor has ended
   */
  boolean add(LocalCall call) {
    LocalCall next;
    synchronized (this) {
      String user = user(call);
      Load load = users.get(user);
      if (waiting.size() >= MAX_WAITING || (load != null && load.waiting >= MAX_WAITING_OF_USER)) {
        return false;
      }
      users.computeIfAbsent(user, u -> new Load()).waiting++;
      waiting.add(user, call);
      next = running < threads ? take() : null;
      if (next != null) {
        running++;
      }
    }
    if (next != null) {
      executor.execute(() -> work(next));
    }
    return true;
  }

  private void work(LocalCall first) {
    LocalCall call = first;
    while (call != null) {
      LocalCall current = call;
      InternalErrors.guard("a call of a local service", () -> run.accept(current));
      synchronized (this) {
        Load load = users.get(user(current));
        load.running--;
        forgetIfIdle(user(current), load);
        call = take();
        if (call == null) {
          running--;
        }
      }
    }
  }

  /** Takes the next call whose user has a thread left; null if there is none. */
  private LocalCall take() {
    LocalCall next = waiting.poll(user -> users.get(user).running < Math.max(1, threads / 2));
    if (next != null) {
      Load load = users.get(user(next));
      load.waiting--;
      load.running++;
    }
    return next;
  }

  /** Removes a call that has ended, if it still waits. */
  synchronized void remove(LocalCall call) {
    if (waiting.remove(user(call), call)) {
      Load load = users.get(user(call));
      load.waiting--;
      forgetIfIdle(user(call), load);
    }
  }

  private void forgetIfIdle(String user, Load load) {
    if (load.waiting == 0 && load.running == 0) {
      users.remove(user);
    }
  }

  private static String user(LocalCall call) {
    return call.request().user();
  }

  synchronized int waiting() {
    return waiting.size();
  }
}
