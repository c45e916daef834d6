package io.longspan.bayeux;

import io.longspan.concurrent.InternalErrors;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Writes to clients on as many threads of a pool as there are processors, and no more: a message to
 * many clients would otherwise wake a thread for each of them.
 *
 * <p>Called on any thread; never blocks. What is executed must not block either: it would keep
 * others waiting.
 */
final class ClientWriters implements Executor {
  private final Executor pool;
  private final int most;
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger working = new AtomicInteger();

  /**
   * Creates writers.
   *
   * @param pool where they run
   * @param most how many may work at the same time
   */
  ClientWriters(Executor pool, int most) {
    this.pool = pool;
    this.most = most;
  }

  @Override
  public void execute(Runnable task) {
    waiting.add(task);
    addWriter();
  }

  private void addWriter() {
    int present = working.get();
    while (present < most && !waiting.isEmpty()) {
      if (working.compareAndSet(present, present + 1)) {
        pool.execute(this::write);
        return;
      }
      present = working.get();
    }
  }

  private void write() {
    for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
      InternalErrors.guard("writing to a client", next);
    }
    working.decrementAndGet();
    // What was added when this one had just found nothing.
    addWriter();
  }
}
