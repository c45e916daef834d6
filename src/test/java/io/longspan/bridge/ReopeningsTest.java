package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.protocol.BridgeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is tried again, when, and until when. */
final class ReopeningsTest {
  private final ManualScheduler scheduler = new ManualScheduler();
  private final Reopenings reopenings = new Reopenings(scheduler, BridgeMetrics.NONE);
  private final List<CompletableFuture<Void>> attempts = new ArrayList<>();
  private final AtomicInteger firstFailures = new AtomicInteger();

  private CompletableFuture<Void> attempt() {
    CompletableFuture<Void> attempt = new CompletableFuture<>();
    attempts.add(attempt);
    return attempt;
  }

  private CompletableFuture<Boolean> start(String thing) {
    return reopenings.start(thing, this::attempt, firstFailures::incrementAndGet);
  }

  private void failLast() {
    attempts
        .get(attempts.size() - 1)
        .completeExceptionally(BridgeException.brokerUnavailable(null));
  }

  @Test
  void whatIsOpenIsNotTriedAgain() {
    CompletableFuture<Boolean> first = start("topic");
    assertThat(first).isNotDone();
    attempts.get(0).complete(null);
    assertThat(first).isCompletedWithValue(true);
    scheduler.elapse(3_600_000);
    assertThat(attempts).hasSize(1);
    assertThat(firstFailures).hasValue(0);
    assertThat(reopenings.size()).isZero();
  }

  @Test
  void aFailureIsFollowedByAttemptsThatComeLaterAndLater() {
    CompletableFuture<Boolean> first = start("topic");
    failLast();
    assertThat(first).isCompletedWithValue(false);
    List<Long> times = new ArrayList<>();
    while (times.size() < 9) {
      int before = attempts.size();
      scheduler.elapse(100);
      if (attempts.size() > before) {
        times.add(scheduler.now());
        failLast();
      }
    }
    assertThat(times)
        .containsExactly(500L, 1500L, 3500L, 7500L, 15500L, 25500L, 35500L, 45500L, 55500L);
    assertThat(firstFailures).hasValue(1);
    assertThat(reopenings.size()).isEqualTo(1);
    scheduler.elapse(Reopenings.MAX_DELAY);
    attempts.get(attempts.size() - 1).complete(null);
    assertThat(reopenings.size()).isZero();
    scheduler.elapse(3_600_000);
    assertThat(attempts).hasSize(11);
  }

  @Test
  void anAttemptThatThrowsHasFailed() {
    AtomicInteger calls = new AtomicInteger();
    CompletableFuture<Boolean> first =
        reopenings.start(
            "topic",
            () -> {
              calls.incrementAndGet();
              throw new IllegalStateException("broken");
            },
            () -> {});
    assertThat(first).isCompletedWithValue(false);
    scheduler.elapse(500);
    assertThat(calls).hasValue(2);
  }

  @Test
  void whatIsNoLongerWantedIsNotTriedAgain() {
    CompletableFuture<Boolean> failed = start("waits for its next attempt");
    failLast();
    CompletableFuture<Boolean> open = start("is being opened");
    reopenings.endAll();
    failLast();
    assertThat(failed).isCompletedWithValue(false);
    assertThat(open).isCancelled();
    scheduler.elapse(3_600_000);
    assertThat(attempts).hasSize(2);
    assertThat(firstFailures).hasValue(1);
  }

  @Test
  void aNewBeginningReplacesTheOneBefore() {
    start("topic");
    failLast();
    start("topic");
    scheduler.elapse(500);
    assertThat(attempts).as("only those of the newer one").hasSize(2);
    // What the older one has begun says nothing of the newer one.
    attempts.get(0).complete(null);
    assertThat(reopenings.size()).isEqualTo(1);
    failLast();
    scheduler.elapse(500);
    assertThat(attempts).hasSize(3);
  }

  @Test
  void thousandsThatFailAreTriedAFewAtATime() {
    for (int i = 0; i < 1000; i++) {
      start("topic " + i);
      failLast();
    }
    scheduler.elapse(Reopenings.FIRST_DELAY);
    for (int turn = 0; turn < 1000 / Reopenings.ATTEMPTS_IN_A_TURN; turn++) {
      int before = attempts.size();
      scheduler.elapse(Reopenings.TURN);
      assertThat(attempts.size() - before).isBetween(1, Reopenings.ATTEMPTS_IN_A_TURN);
    }
    assertThat(attempts.size()).isEqualTo(2000);
  }
}
