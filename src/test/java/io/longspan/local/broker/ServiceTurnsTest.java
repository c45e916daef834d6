package io.longspan.local.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.longspan.bridge.MessageBroker.AnswerListener;
import io.longspan.local.LocalRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The threads of one service; the test runs what would run on them. */
final class ServiceTurnsTest {
  private final Queue<Runnable> threads = new ArrayDeque<>();
  private final List<String> ran = new ArrayList<>();
  private final ServiceTurns turns =
      new ServiceTurns(4, threads::add, call -> ran.add(call.request().text()));

  private static LocalCall call(String user, String text) {
    AnswerListener nobody = message -> {};
    CompletableFuture<Void> cancelled = new CompletableFuture<>();
    return new LocalCall(
        new LocalRequest("d", user, Set.of(), Optional.empty(), Map.of(), text, "text", cancelled),
        cancelled,
        Long.MAX_VALUE,
        nobody,
        new LocalMessages(() -> 0),
        new LocalCounts(),
        new LogPace(() -> 0),
        ended -> {});
  }

  @Test
  void aUserHasHalfOfTheThreadsAtMost() {
    for (int i = 0; i < 10; i++) {
      assertThat(turns.add(call("mallory", "m" + i))).isTrue();
    }
    assertThat(threads).hasSize(2);
    turns.add(call("alice", "a"));
    turns.add(call("bob", "b"));
    assertThat(threads).hasSize(4);
  }

  @Test
  void usersTakeTurnsAndEveryCallRunsOnce() {
    ServiceTurns one = new ServiceTurns(1, threads::add, call -> ran.add(call.request().text()));
    for (int i = 0; i < 3; i++) {
      one.add(call("mallory", "m" + i));
    }
    one.add(call("alice", "a0"));
    one.add(call("bob", "b0"));
    assertThat(one.waiting()).isEqualTo(4);
    threads.remove().run();
    assertThat(threads).isEmpty();
    assertThat(ran).containsExactly("m0", "m1", "a0", "b0", "m2");
    assertThat(one.waiting()).isZero();
  }

  @Test
  void tooManyCallsOfAUserAreRefusedAndOthersAreNot() {
    for (int i = 0; i < ServiceTurns.MAX_WAITING_OF_USER + 2; i++) {
      assertThat(turns.add(call("mallory", "m"))).isTrue();
    }
    assertThat(turns.add(call("mallory", "m"))).isFalse();
    assertThat(turns.add(call("alice", "a"))).isTrue();
    for (int user = 0; turns.waiting() < ServiceTurns.MAX_WAITING; user++) {
      assertThat(turns.add(call("u" + user, "u"))).isTrue();
    }
    assertThat(turns.add(call("bob", "b"))).isFalse();
  }

  @Test
  void aCallThatHasEndedLeavesTheQueue() {
    for (int i = 0; i < 3; i++) {
      turns.add(call("alice", "a" + i));
    }
    LocalCall last = call("alice", "last");
    turns.add(last);
    turns.remove(last);
    turns.remove(last);
    while (!threads.isEmpty()) {
      threads.remove().run();
    }
    assertThat(ran).doesNotContain("last").hasSize(3);
  }

  @Test
  void aFailureOfACallDoesNotEndItsThread() {
    ServiceTurns failing =
        new ServiceTurns(
            1,
            threads::add,
            call -> {
              ran.add(call.request().text());
              throw new IllegalStateException("as the test wants");
            });
    failing.add(call("alice", "a0"));
    failing.add(call("alice", "a1"));
    threads.remove().run();
    assertThat(ran).containsExactly("a0", "a1");
  }
}
