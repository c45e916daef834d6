package io.longspan.chaos;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** Runs tasks one after the other, in their order, on threads that it shares with others. */
final class Strand implements Executor {
  private final Executor pool;

  /** Guarded by this. */
  private final Queue<Runnable> tasks = new ArrayDeque<>();

  /** Guarded by this. */
  private boolean running;

  Strand(Executor pool) {
    this.pool = pool;
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
      task.run();
    }
  }
}
