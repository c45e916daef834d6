package io.longspan.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class HandshakeLimitTest {

  @Test
  void aUserHasTwiceTheSessionsInABurstAndThenAsManyInASecond() {
    HandshakeLimit limit = new HandshakeLimit(50);
    for (int i = 0; i < 100; i++) {
      assertThat(limit.tryAcquire("alice", 0)).isTrue();
    }
    assertThat(limit.tryAcquire("alice", 0)).isFalse();
    assertThat(limit.tryAcquire("bob", 0)).isTrue();
    for (int i = 0; i < 50; i++) {
      assertThat(limit.tryAcquire("alice", 1000)).isTrue();
    }
    assertThat(limit.tryAcquire("alice", 1000)).isFalse();
  }

  @Test
  void aUserOfOneSessionMayStillLoadAPageAnewSomeTimes() {
    HandshakeLimit limit = new HandshakeLimit(1);
    for (int i = 0; i < 20; i++) {
      assertThat(limit.tryAcquire("alice", 0)).isTrue();
    }
    assertThat(limit.tryAcquire("alice", 0)).isFalse();
  }

  @Test
  void usersWhoHaveTheirWholeAllowanceAgainAreForgotten() {
    HandshakeLimit limit = new HandshakeLimit(1);
    for (int i = 0; i < 900; i++) {
      limit.tryAcquire("user" + i, 0);
    }
    for (int i = 0; i < 100; i++) {
      limit.tryAcquire("late", 100_000);
    }
    assertThat(limit.size()).isEqualTo(1);
    assertThat(limit.tryAcquire("late", 100_000)).isFalse();
  }
}
