package io.longspan.bayeux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ReturnTimesTest {
  private final ReturnTimes times = new ReturnTimes(() -> 0.5);

  @Test
  void tenThousandClientsReturnAsFastAsTheyCanBeServed() {
    long[] buckets = new long[(int) (ReturnTimes.LONGEST / 1000) + 1];
    for (int i = 0; i < 4_000; i++) {
      buckets[(int) (times.next(0, 250) / 1000)]++;
    }
    // The 250 that wait are served first; then 250 a second return.
    assertThat(buckets).startsWith(0, 0, 249, 250, 250, 250).endsWith(250, 250, 1, 0, 0);
  }

  @Test
  void nobodyIsSentAwayForLongerThanTheLongestTime() {
    for (int i = 0; i < 10_000; i++) {
      times.next(0, 0);
    }
    assertThat(times.next(0, 0)).isEqualTo(ReturnTimes.LONGEST * 3 / 4);
    // What was said before is past.
    assertThat(times.next(ReturnTimes.LONGEST, 0)).isEqualTo(1_004);
  }

  @Test
  void theRateIsMeasuredWhileOthersWait() {
    times.measure(1_000, 0, true);
    times.measure(2_000, 1_000, true);
    assertThat(times.perSecond()).isEqualTo(250 + 750 / 4.0);
    times.measure(3_000, 1_001, false);
    times.measure(4_000, 1_002, true);
    times.measure(4_400, 9_999, true);
    // A gap without a measurement says nothing.
    times.measure(40_000, 1_003, true);
    assertThat(times.perSecond()).isEqualTo(250 + 750 / 4.0);
  }

  @Test
  void theRateNeverGetsSoLowThatNobodyReturns() {
    for (int i = 0; i < 100; i++) {
      times.measure(1_000L * i, 0, true);
    }
    assertThat(times.next(200_000, 0)).isEqualTo(1_100);
  }
}
