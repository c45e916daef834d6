package io.longspan.bayeux;

import io.longspan.concurrent.InternalErrors;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs the writes to clients on a bounded number of pool threads. Without it, a message to many
 * clients would wake one thread for each of them.
 *
 * <p>May be called on any thread; never blocks. A task must not block either, because other clients
 * wait behind it.
 */
final class ClientWriters implements Executor {
  private final Executor pool;
  private final int most;
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger working = new AtomicInteger();

  /**
   * Creates an executor.
   *
   * @param pool the executor that provides the threads
   * @param most the maximum number of threads that write at the same time
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
    // Another thread may have added a task after the last poll.
    addWriter();
  }
}
