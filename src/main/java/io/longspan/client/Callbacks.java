package io.longspan.client;

import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Runs what belongs to the application: listeners one at a time, completions of futures beside. */
final class Callbacks {
  private final Executor executor;
  private final Loop loop;

  /** Guarded by this. */
  private final Deque<Runnable> waiting = new ArrayDeque<>();

  /** Guarded by this. */
  private boolean running;

  Callbacks(Executor executor, Loop loop) {
    this.executor = executor;
    this.loop = loop;
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

  /**
   * Calls a handler after the calls before.
   *
   * @param handler returns the stage of what it has begun, or null if nothing is left to do
   * @return completes on the loop when that stage does, or fails as it or the handler did
   */
  CompletableFuture<Void> handle(Supplier<CompletionStage<?>> handler) {
    CompletableFuture<Void> handled = new CompletableFuture<>();
    call(
        () -> {
          try {
            CompletionStage<?> work = handler.get();
            if (work == null) {
              end(handled, null);
            } else {
              work.whenComplete((done, failure) -> end(handled, failure));
            }
          } catch (RuntimeException | Error x) {
            end(handled, x);
          }
        });
    return handled;
  }

  private void end(CompletableFuture<Void> handled, Throwable failure) {
    loop.execute(
        () -> {
          if (failure == null) {
            handled.complete(null);
          } else {
            Loop.LOG.log(
                Level.WARNING, "a message is released, because its handler failed", failure);
            handled.completeExceptionally(failure);
          }
        });
  }

  private void runAll() {
    for (Runnable next = next(); next != null; next = next()) {
      try {
        next.run();
      } catch (RuntimeException | Error x) {
        Loop.LOG.log(Level.ERROR, "a listener failed", x);
      }
    }
  }

  private synchronized Runnable next() {
    Runnable next = waiting.poll();
    running = next != null;
    return next;
  }

  /**
   * Runs work on the loop, from any thread.
   *
   * @return completes on the executor as the work's future does, or fails as the work did
   */
  <T> CompletableFuture<T> onLoop(Supplier<CompletableFuture<T>> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    loop.execute(
        () -> {
          CompletableFuture<T> started;
          try {
            started = work.get();
          } catch (RuntimeException x) {
            started = CompletableFuture.failedFuture(x);
          }
          started.whenComplete(
              (value, failure) -> {
                if (failure == null) {
                  complete(result, value);
                } else if (failure instanceof CompletionException wrapped) {
                  fail(result, wrapped.getCause());
                } else {
                  fail(result, failure);
                }
              });
        });
    return result;
  }

  <T> void complete(CompletableFuture<T> future, T value) {
    executor.execute(() -> future.complete(value));
  }

  void fail(CompletableFuture<?> future, Throwable error) {
    executor.execute(() -> future.completeExceptionally(error));
  }
}
