package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.concurrent.InternalErrors;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ClientWritersTest {
  private static final int MAX_WRITERS = 2;

  @Test
  void whatManyThreadsAddIsDoneByNoMoreThanItMayBe() throws Exception {
    int threads = 4;
    int tasks = 10_000;
    AtomicInteger working = new AtomicInteger();
    AtomicInteger mostWorking = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(threads * tasks);
    ExecutorService pool = Executors.newCachedThreadPool();
    try {
      ClientWriters writers = new ClientWriters(pool, MAX_WRITERS);
      Runnable task =
          () -> {
            mostWorking.accumulateAndGet(working.incrementAndGet(), Math::max);
            working.decrementAndGet();
            done.countDown();
          };
      for (int i = 0; i < threads; i++) {
        pool.execute(
            () -> {
              for (int j = 0; j < tasks; j++) {
                writers.execute(task);
              }
            });
      }
      done.await();
    } finally {
      pool.shutdown();
    }
    assertThat(mostWorking.get()).isBetween(1, MAX_WRITERS);
  }

  @Test
  void whileOneWorksTheNextDoesNotWakeAnother() {
    List<Runnable> started = new ArrayList<>();
    ClientWriters writers = new ClientWriters(started::add, 1);
    List<Integer> written = new ArrayList<>();
    writers.execute(() -> written.add(1));
    writers.execute(() -> written.add(2));
    assertThat(started).hasSize(1);
    started.remove(0).run();
    assertThat(written).containsExactly(1, 2);
    writers.execute(() -> written.add(3));
    assertThat(started).hasSize(1);
  }

  @Test
  void oneThatFailsKeepsNoneFromBeingDone() {
    List<Runnable> started = new ArrayList<>();
    ClientWriters writers = new ClientWriters(started::add, 1);
    List<Integer> written = new ArrayList<>();
    writers.execute(
        () -> {
          throw new IllegalStateException("on purpose");
        });
    writers.execute(() -> written.add(2));
    long errors = InternalErrors.count();
    started.remove(0).run();
    assertThat(written).containsExactly(2);
    assertThat(InternalErrors.count()).isGreaterThan(errors);
  }
}
