package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.longspan.protocol.BridgeException;
import io.longspan.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class ClientMailboxTest {
  private final Queue<Runnable> pool = new ArrayDeque<>();
  private final ClientMailbox mailbox = new ClientMailbox(pool::add, 2);
  private final List<String> done = new ArrayList<>();

  private void runPool() {
    while (!pool.isEmpty()) {
      pool.remove().run();
    }
  }

  @Test
  void aClientThatNeverPausesLeavesItsThreadToTheOthersInTurn() {
    ClientMailbox endless = new ClientMailbox(pool::add, 1000);
    for (int i = 0; i < 100; i++) {
      endless.submit(
          () -> {
            done.add("endless");
            return null;
          });
    }
    mailbox.submit(
        () -> {
          done.add("other");
          return null;
        });
    runPool();
    assertThat(done).hasSize(101);
    assertThat(done.indexOf("other")).isLessThan(50);
  }

  @Test
  void aCommandThatNeedNotWaitMayRunOnTheCallersThread() {
    mailbox.submitOrRun(
        () -> {
          done.add("here");
          return null;
        });
    assertThat(done).containsExactly("here");
    assertThat(pool).isEmpty();
  }

  @Test
  void aCommandOfTheCallersThreadWaitsForTheOneBefore() {
    CompletableFuture<Void> slow = new CompletableFuture<>();
    mailbox.submitOrRun(
        () -> {
          done.add("first");
          return slow;
        });
    mailbox.submitOrRun(
        () -> {
          done.add("second");
          return null;
        });
    assertThat(done).containsExactly("first");
    slow.complete(null);
    runPool();
    assertThat(done).containsExactly("first", "second");
  }

  @Test
  void aCommandBeginsWhenTheOneBeforeHasCompleted() {
    CompletableFuture<Void> slow = new CompletableFuture<>();
    mailbox.submit(
        () -> {
          done.add("first");
          return slow;
        });
    mailbox.submit(
        () -> {
          done.add("second");
          return null;
        });
    runPool();
    assertThat(done).containsExactly("first");
    slow.complete(null);
    runPool();
    assertThat(done).containsExactly("first", "second");
  }

  @Test
  void aCommandThatFailsDoesNotHoldTheOthersUp() {
    mailbox.submit(
        () -> {
          throw new IllegalStateException("broken");
        });
    mailbox.submit(() -> CompletableFuture.failedFuture(new IllegalStateException("late")));
    mailbox.submitAlways(
        () -> {
          done.add("after");
          return null;
        });
    runPool();
    assertThat(done).containsExactly("after");
  }

  @Test
  void tooManyWaitingCommandsAreRefusedButTheBridgesOwnAreNot() {
    mailbox.submit(() -> null);
    mailbox.submit(() -> null);
    BridgeException refusal =
        catchThrowableOfType(BridgeException.class, () -> mailbox.submit(() -> null));
    assertThat(refusal.code()).isEqualTo(ErrorCode.LIMIT_EXCEEDED);
    mailbox.submitAlways(
        () -> {
          done.add("own");
          return null;
        });
    runPool();
    assertThat(done).containsExactly("own");
  }

  @Test
  void anEmptyMailboxNeedsNoThread() {
    mailbox.submit(() -> null);
    runPool();
    assertThat(pool).isEmpty();
    mailbox.submit(
        () -> {
          done.add("again");
          return null;
        });
    assertThat(pool).hasSize(1);
    runPool();
    assertThat(done).containsExactly("again");
  }
}
