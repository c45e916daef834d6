package io.longspan.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class PasswordThrottleTest {
  private final AtomicLong now = new AtomicLong(1_000);
  private final PasswordThrottle throttle = new PasswordThrottle(now::get);

  private void fail(int times, String user, String address) {
    for (int i = 0; i < times; i++) {
      throttle.failed(user, "wrong", address);
    }
  }

  private long delay(String user, String address) {
    return throttle.delay(user, "another", address);
  }

  @Test
  void tenWrongPasswordsAreFreeAndThenOneEverySixSeconds() {
    fail(9, "alice", "10.0.0.1");
    assertThat(delay("alice", "10.0.0.1")).isZero();
    fail(1, "alice", "10.0.0.1");
    assertThat(delay("alice", "10.0.0.1")).isEqualTo(6_000);
    now.addAndGet(6_000);
    assertThat(delay("alice", "10.0.0.1")).isZero();
    fail(1, "alice", "10.0.0.1");
    assertThat(delay("alice", "10.0.0.1")).isPositive();
  }

  @Test
  void guessesThatRunAtTheSameTimeAreAllPaidFor() {
    fail(110, "alice", "10.0.0.1");
    assertThat(delay("alice", "10.0.0.1")).isEqualTo(101 * 6_000);
  }

  @Test
  void anotherAddressAndAnotherUserAreNotConcerned() {
    fail(50, "alice", "10.0.0.1");
    assertThat(delay("alice", "10.0.0.2")).isZero();
    assertThat(delay("bob", "10.0.0.1")).isZero();
  }

  @Test
  void anAddressHasABoundForAllNames() {
    for (int i = 0; i < 100; i++) {
      throttle.failed("user" + i, "wrong", "10.0.0.1");
    }
    assertThat(delay("alice", "10.0.0.1")).isPositive();
    assertThat(throttle.delay("alice", "right", "10.0.0.1")).isPositive();
  }

  @Test
  void aNameThatHadARightPasswordLatelyIsExemptFromTheCountOfItsAddress() {
    throttle.succeeded("alice", "right", "10.0.0.1");
    for (int i = 0; i < 150; i++) {
      throttle.failed("user" + i, "wrong", "10.0.0.1");
    }
    assertThat(delay("alice", "10.0.0.1")).isZero();
    assertThat(delay("bob", "10.0.0.1")).isPositive();
    assertThat(throttle.delay("bob", "right", "10.0.0.1")).isPositive();
    now.addAndGet(24 * 3_600_000L - 1_000);
    throttle.failed("alice", "wrong", "10.0.0.1");
    assertThat(delay("alice", "10.0.0.1")).isZero();
  }

  @Test
  void theExemptionEndsAfterADay() {
    throttle.succeeded("alice", "right", "10.0.0.1");
    now.addAndGet(24 * 3_600_000L);
    fail(150, "bob", "10.0.0.1");
    assertThat(throttle.delay("alice", "right", "10.0.0.1")).isPositive();
  }

  @Test
  void guessesOfANameDoNotDelayThePasswordThatWasRightLately() {
    throttle.succeeded("alice", "right", "10.0.0.1");
    fail(50, "alice", "10.0.0.1");
    assertThat(delay("alice", "10.0.0.1")).isPositive();
    assertThat(throttle.delay("alice", "right", "10.0.0.1")).isZero();
    assertThat(throttle.delay("alice", "right", "10.0.0.2")).isZero();
    fail(50, "alice", "10.0.0.2");
    assertThat(throttle.delay("alice", "right", "10.0.0.2")).isPositive();
  }

  @Test
  void usingARightPasswordGivesNobodyMoreGuesses() {
    throttle.succeeded("alice", "right", "10.0.0.1");
    for (int i = 0; i < 10; i++) {
      fail(1, "alice", "10.0.0.1");
      throttle.succeeded("alice", "right", "10.0.0.1");
    }
    assertThat(delay("alice", "10.0.0.1")).isPositive();
    throttle.succeeded("alice", "changed", "10.0.0.1");
    assertThat(delay("alice", "10.0.0.1")).isZero();
  }

  @Test
  void aPasswordThatIsNoLongerRightIsAGuessLikeAnyOther() {
    throttle.succeeded("alice", "right", "10.0.0.1");
    for (int i = 0; i < 20; i++) {
      throttle.failed("alice", "right", "10.0.0.1");
    }
    assertThat(throttle.delay("alice", "right", "10.0.0.1")).isPositive();
  }

  @Test
  void aRightPasswordForgetsTheWrongOnesOfItsName() {
    fail(9, "alice", "10.0.0.1");
    throttle.succeeded("alice", "right", "10.0.0.1");
    fail(9, "alice", "10.0.0.1");
    assertThat(delay("alice", "10.0.0.1")).isZero();
  }

  @Test
  void aNetworkOfIpv6IsOneAddress() {
    assertThat(PasswordThrottle.network("[2001:db8:1:2:3:4:5:6]"))
        .isEqualTo(PasswordThrottle.network("2001:db8:1:2::1%eth0"))
        .isNotEqualTo(PasswordThrottle.network("2001:db8:1:3::1"));
  }
}
