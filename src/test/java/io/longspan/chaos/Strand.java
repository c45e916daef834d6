package io.longspan.chaos;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Runs tasks one after the other, in their order, on threads that it shares with others. */
final class Strand implements Executor {
  private final Executor pool;
  private final Consumer<Throwable> onFailure;

  /** Guarded by this. */
  private final Queue<Runnable> tasks = new ArrayDeque<>();

  /** Guarded by this. */
  private boolean running;

  /**
   * Creates a strand.
   *
   * @param onFailure hears of a task that throws; the next one runs all the same
   */
  Strand(Executor pool, Consumer<Throwable> onFailure) {
    this.pool = pool;
    this.onFailure = onFailure;
  }

  @Override
  public void execute(Runnable task) {
    synchronized (this) {
      tasks.add(task);
      if (running) {
        return;
      }
      running = true;
    }
    pool.execute(this::drain);
  }

  private void drain() {
    while (true) {
      Runnable task;
      synchronized (this) {
        task = tasks.poll();
        if (task == null) {
          running = false;
          return;
        }
      }
      try {
        task.run();
      } catch (RuntimeException | Error x) {
        onFailure.accept(x);
      }
    }
  }
}
