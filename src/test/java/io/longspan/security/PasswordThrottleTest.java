package io.longspan.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class PasswordThrottleTest {
  private final AtomicLong now = new AtomicLong(1_000);
  private final PasswordThrottle throttle = new PasswordThrottle(now::get);

  private void fail(int times, String user, String address) {
    for (int i = 0; i < times; i++) {
      throttle.failed(user, address);
    }
  }

  @Test
  void tenWrongPasswordsAreFreeAndThenOneEverySixSeconds() {
    fail(9, "alice", "10.0.0.1");
    assertThat(throttle.delay("alice", "10.0.0.1")).isZero();
    fail(1, "alice", "10.0.0.1");
    assertThat(throttle.delay("alice", "10.0.0.1")).isEqualTo(6_000);
    now.addAndGet(6_000);
    assertThat(throttle.delay("alice", "10.0.0.1")).isZero();
    fail(1, "alice", "10.0.0.1");
    assertThat(throttle.delay("alice", "10.0.0.1")).isPositive();
  }

  @Test
  void guessesThatRunAtTheSameTimeAreAllPaidFor() {
    fail(110, "alice", "10.0.0.1");
    assertThat(throttle.delay("alice", "10.0.0.1")).isEqualTo(101 * 6_000);
  }

  @Test
  void anotherAddressAndAnotherUserAreNotConcerned() {
    fail(50, "alice", "10.0.0.1");
    assertThat(throttle.delay("alice", "10.0.0.2")).isZero();
    assertThat(throttle.delay("bob", "10.0.0.1")).isZero();
  }

  @Test
  void anAddressHasABoundForAllNames() {
    for (int i = 0; i < 100; i++) {
      throttle.failed("user" + i, "10.0.0.1");
    }
    assertThat(throttle.delay("alice", "10.0.0.1")).isPositive();
    throttle.succeeded("alice", "10.0.0.1");
    assertThat(throttle.delay("alice", "10.0.0.1")).isPositive();
  }

  @Test
  void aRightPasswordForgetsTheWrongOnesOfItsName() {
    fail(9, "alice", "10.0.0.1");
    throttle.succeeded("alice", "10.0.0.1");
    fail(9, "alice", "10.0.0.1");
    assertThat(throttle.delay("alice", "10.0.0.1")).isZero();
  }

  @Test
  void aNetworkOfIpv6IsOneAddress() {
    assertThat(PasswordThrottle.network("[2001:db8:1:2:3:4:5:6]"))
        .isEqualTo(PasswordThrottle.network("2001:db8:1:2::1%eth0"))
        .isNotEqualTo(PasswordThrottle.network("2001:db8:1:3::1"));
  }
}
