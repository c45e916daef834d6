package io.longspan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A seed is worth printing only if it repeats a run. */
final class ChaosPlanTest {
  private static final Duration LENGTH = Duration.ofSeconds(45);

  @Test
  void aSeedRepeatsItsPlanAndAnotherMakesAnotherOne() {
    assertThat(ChaosPlan.of(7, LENGTH)).isEqualTo(ChaosPlan.of(7, LENGTH));
    assertThat(ChaosPlan.of(7, LENGTH)).isNotEqualTo(ChaosPlan.of(8, LENGTH));
  }

  @Test
  void aShortPlanHasEveryKind() {
    for (long seed = 0; seed < 100; seed++) {
      assertThat(ChaosPlan.of(seed, LENGTH).events())
          .extracting(ChaosPlan.Event::kind)
          .contains(ChaosKind.values());
    }
  }
}
