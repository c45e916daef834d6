package io.longspan.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class DaemonThreadsTest {
  private final DaemonThreads threads = new DaemonThreads("some");

  @Test
  void areDaemonsWithNumberedNames() {
    Thread first = threads.newThread(() -> {});
    Thread second = threads.newThread(() -> {});

    assertThat(first.getName()).isEqualTo("some-0");
    assertThat(second.getName()).isEqualTo("some-1");
    assertThat(first.isDaemon()).isTrue();
  }

  @Test
  void areGoneAfterTheirPoolHasEnded() throws Exception {
    // Often, because a pool's own word comes a moment too early only now and then.
    for (int i = 0; i < 200; i++) {
      DaemonThreads some = new DaemonThreads("some");
      AtomicReference<Thread> seen = new AtomicReference<>();
      ExecutorService pool = Executors.newSingleThreadExecutor(some);
      pool.submit(() -> seen.set(Thread.currentThread())).get();
      pool.shutdown();

      assertThat(some.awaitEnd(Duration.ofSeconds(30))).isTrue();
      assertThat(seen.get().isAlive()).isFalse();
    }
  }

  @Test
  void tellThatOneIsStillThere() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    Thread thread =
        threads.newThread(
            () -> {
              try {
                end.await();
              } catch (InterruptedException x) {
                Thread.currentThread().interrupt();
              }
            });
    thread.start();

    assertThat(threads.awaitEnd(Duration.ofMillis(1))).isFalse();

    end.countDown();
    assertThat(threads.awaitEnd(Duration.ofSeconds(30))).isTrue();
  }

  @Test
  void neverWaitForOneThatWasNotStarted() {
    threads.newThread(() -> {});

    assertThat(threads.awaitEnd(Duration.ofSeconds(30))).isTrue();
  }

  @Test
  void giveUpWhenTheWaitingThreadIsInterrupted() {
    CountDownLatch never = new CountDownLatch(1);
    Thread thread =
        threads.newThread(
            () -> {
              try {
                never.await();
              } catch (InterruptedException x) {
                Thread.currentThread().interrupt();
              }
            });
    thread.start();

    Thread.currentThread().interrupt();
    assertThat(threads.awaitEnd(Duration.ofSeconds(30))).isFalse();

    assertThat(Thread.interrupted()).isTrue();
    thread.interrupt();
  }
}
