package io.longspan.jms;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class RunningTimeTest {
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 5);
  private final RunningTime time = new RunningTime(clock::get);

  private Duration after(Duration passed) {
    clock.addAndGet(passed.toNanos());
    return Duration.ofNanos(time.getAsLong());
  }

  @Test
  void countsWhatPasses() {
    assertThat(after(Duration.ofMillis(100))).isEqualTo(Duration.ofMillis(100));
    assertThat(after(RunningTime.PAUSE)).isEqualTo(RunningTime.PAUSE.plusMillis(100));
    assertThat(after(Duration.ZERO)).isEqualTo(RunningTime.PAUSE.plusMillis(100));
  }

  @Test
  void aPauseOfTheProcessCountsAsAShortTime() {
    assertThat(after(Duration.ofSeconds(40))).isEqualTo(RunningTime.PAUSE);
    assertThat(after(Duration.ofSeconds(1))).isEqualTo(RunningTime.PAUSE.plusSeconds(1));
  }
}
