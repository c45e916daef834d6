package io.longspan.client;

import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Runs what belongs to the application: listeners one at a time, completions of futures beside. */
final class Callbacks {
  private final Executor executor;

  /** Guarded by this. */
  private final Deque<Runnable> waiting = new ArrayDeque<>();

  /** Guarded by this. */
  private boolean running;

  Callbacks(Executor executor) {
    this.executor = executor;
  }

  /** Returns how many calls wait for a slow listener. */
  synchronized int waiting() {
    return waiting.size();
  }

  /** Calls a listener after those before. */
  void call(Runnable listener) {
    synchronized (this) {
      waiting.add(listener);
      if (running) {
        return;
      }
      running = true;
    }
    executor.execute(this::runAll);
  }

  private void runAll() {
    for (Runnable next = next(); next != null; next = next()) {
      try {
        next.run();
      } catch (RuntimeException x) {
        Loop.LOG.log(Level.ERROR, "a listener failed", x);
      }
    }
  }

  private synchronized Runnable next() {
    Runnable next = waiting.poll();
    running = next != null;
    return next;
  }

  <T> void complete(CompletableFuture<T> future, T value) {
    executor.execute(() -> future.complete(value));
  }

  void fail(CompletableFuture<?> future, Throwable error) {
    executor.execute(() -> future.completeExceptionally(error));
  }
}
