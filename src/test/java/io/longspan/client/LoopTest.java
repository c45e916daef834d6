package io.longspan.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many clients on a few threads. */
@Timeout(60)
final class LoopTest {
  private final ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(2);

  LoopTest() {
    threads.setRemoveOnCancelPolicy(true);
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  @Test
  void theWorkOfAClientIsDoneInItsOrder() throws InterruptedException {
    int clients = 50;
    int pieces = 1_000;
    CountDownLatch done = new CountDownLatch(clients * pieces);
    List<List<Integer>> all = new ArrayList<>();
    for (int client = 0; client < clients; client++) {
      Loop loop = new Loop(threads);
      // Not synchronized: only one thread at a time may use it.
      List<Integer> seen = new ArrayList<>();
      all.add(seen);
      for (int piece = 0; piece < pieces; piece++) {
        int number = piece;
        loop.execute(
            () -> {
              seen.add(number);
              done.countDown();
            });
      }
    }
    assertThat(done.await(50, TimeUnit.SECONDS)).isTrue();
    assertThat(all).allSatisfy(seen -> assertThat(seen).hasSize(pieces).isSorted());
  }

  @Test
  void aBusyClientLeavesTheOthersTheirTurn() throws InterruptedException {
    threads.setCorePoolSize(1);
    Loop busy = new Loop(threads);
    Loop other = new Loop(threads);
    CountDownLatch served = new CountDownLatch(1);
    Runnable more =
        new Runnable() {
          @Override
          public void run() {
            if (served.getCount() > 0) {
              busy.execute(this);
            }
          }
        };
    busy.execute(more);
    other.execute(served::countDown);
    assertThat(served.await(50, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aTimerThatIsCancelledOnTheLoopDoesNotRun() throws InterruptedException {
    Loop loop = new Loop(threads);
    AtomicReference<String> ran = new AtomicReference<>("nothing");
    CountDownLatch end = new CountDownLatch(1);
    loop.execute(
        () -> {
          Future<?> timer = loop.later(Duration.ZERO, () -> ran.set("the timer"));
          // It is due, and waits behind this work.
          awaitCompleted(1);
          Loop.cancel(timer);
          loop.execute(end::countDown);
        });
    assertThat(end.await(50, TimeUnit.SECONDS)).isTrue();
    assertThat(ran).hasValue("nothing");
  }

  private void awaitCompleted(int tasks) {
    while (threads.getCompletedTaskCount() < tasks) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aCancelledTimerIsForgotten() throws InterruptedException {
    Loop loop = new Loop(threads);
    CountDownLatch end = new CountDownLatch(1);
    loop.execute(
        () -> {
          Loop.cancel(loop.later(Duration.ofDays(1), () -> {}));
          end.countDown();
        });
    assertThat(end.await(50, TimeUnit.SECONDS)).isTrue();
    assertThat(threads.getQueue()).isEmpty();
  }

  @Test
  void nothingHappensWhenTheThreadsHaveEnded() {
    threads.shutdownNow();
    Loop loop = new Loop(threads);
    loop.execute(() -> {});
    loop.execute(() -> {});
    assertThat(loop.later(Duration.ZERO, () -> {})).isNotNull();
  }
}
