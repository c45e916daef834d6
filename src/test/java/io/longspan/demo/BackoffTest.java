package io.longspan.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {

  @Test
  void pausesDoubleUpToHalfAMinuteAndBeginAnew() {
    Backoff backoff = new Backoff(() -> 0.5);
    assertThat(backoff.next()).isEqualTo(Duration.ofMillis(500));
    assertThat(backoff.next()).isEqualTo(Duration.ofMillis(1_000));
    for (int i = 0; i < 10; i++) {
      backoff.next();
    }
    assertThat(backoff.next()).isEqualTo(Duration.ofSeconds(30));
    backoff.reset();
    assertThat(backoff.next()).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void pausesAreSpreadAQuarterAround() {
    assertThat(new Backoff(() -> 0).next()).isEqualTo(Duration.ofMillis(375));
    assertThat(new Backoff(() -> 1).next()).isEqualTo(Duration.ofMillis(625));
  }
}
