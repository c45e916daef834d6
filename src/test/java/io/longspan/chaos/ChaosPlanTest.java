package io.longspan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A seed is worth printing only if it repeats a run. */
final class ChaosPlanTest {
  private static final Set<ChaosKind> ALL = EnumSet.allOf(ChaosKind.class);
  private static final Duration LENGTH = Duration.ofSeconds(28);

  @Test
  void aSeedRepeatsItsPlanAndAnotherMakesAnotherOne() {
    assertThat(ChaosPlan.of(7, LENGTH, ALL)).isEqualTo(ChaosPlan.of(7, LENGTH, ALL));
    assertThat(ChaosPlan.of(7, LENGTH, ALL)).isNotEqualTo(ChaosPlan.of(8, LENGTH, ALL));
  }

  @Test
  void aShortPlanHasEveryKind() {
    for (long seed = 0; seed < 100; seed++) {
      assertThat(ChaosPlan.of(seed, LENGTH, ALL).events())
          .extracting(ChaosPlan.Event::kind)
          .contains(ChaosKind.values());
    }
  }

  @Test
  void someEventsAloneKeepTheirDistanceAndBeginAtOnce() {
    ChaosPlan plan = ChaosPlan.of(7, LENGTH, ALL);
    List<ChaosPlan.Event> some = plan.events().subList(5, 8);
    List<ChaosPlan.Event> alone = plan.only(some).events();
    assertThat(alone.get(0).at()).isEqualTo(plan.events().get(0).at());
    for (int i = 0; i < some.size(); i++) {
      assertThat(alone.get(i).at().minus(alone.get(0).at()))
          .isEqualTo(some.get(i).at().minus(some.get(0).at()));
      assertThat(alone.get(i).kind()).isEqualTo(some.get(i).kind());
      assertThat(alone.get(i).length()).isEqualTo(some.get(i).length());
    }
    assertThat(plan.only(List.of()).events()).isEmpty();
  }
}
