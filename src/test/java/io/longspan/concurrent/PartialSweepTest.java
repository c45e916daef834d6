package io.longspan.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.api.Test;

final class PartialSweepTest {
  private static final int PARTS = 4;

  private final Set<Integer> items = new ConcurrentSkipListSet<>();
  private final PartialSweep<Integer> sweep = new PartialSweep<>(() -> items, PARTS);
  private final List<Integer> seen = new ArrayList<>();

  private void add(int from, int to) {
    for (int i = from; i < to; i++) {
      items.add(i);
    }
  }

  @Test
  void eachCallTakesAPartAndAllCallsTakeEachItemOnce() {
    add(0, 10_000);
    for (int i = 1; i <= PARTS; i++) {
      sweep.next(seen::add);
      assertThat(seen).hasSize(i * 2_500);
    }
    assertThat(seen).containsExactlyElementsOf(items);
    sweep.next(seen::add);
    assertThat(seen).hasSize(12_500);
  }

  @Test
  void fewItemsHaveTheirTurnInEachCall() {
    add(0, 100);
    sweep.next(seen::add);
    assertThat(seen).hasSize(100);
    sweep.next(seen::add);
    assertThat(seen).hasSize(200);
  }

  @Test
  void withoutItemsNothingIsDone() {
    sweep.next(seen::add);
    assertThat(seen).isEmpty();
    add(0, 1);
    sweep.next(seen::add);
    assertThat(seen).containsExactly(0);
  }

  @Test
  void anItemThatIsRemovedBeforeItsTurnHasNone() {
    add(0, 800);
    sweep.next(seen::add);
    items.removeIf(item -> item >= 400);
    for (int i = 1; i < PARTS; i++) {
      sweep.next(seen::add);
    }
    assertThat(seen).allMatch(item -> item <= 400);
  }

  @Test
  void allItemsAtOnceBeginANewPass() {
    add(0, 800);
    sweep.next(seen::add);
    assertThat(seen).hasSize(200);
    seen.clear();
    sweep.all(seen::add);
    assertThat(seen).containsExactlyElementsOf(items);
    seen.clear();
    sweep.next(seen::add);
    assertThat(seen).hasSize(200).startsWith(0);
  }

  @Test
  void anItemWhoseTaskFailsDoesNotKeepTheOthersFromTheirTurn() {
    add(0, 3);
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(
              () ->
                  sweep.next(
                      item -> {
                        seen.add(item);
                        throw new IllegalStateException();
                      }))
          .isInstanceOf(IllegalStateException.class);
    }
    assertThat(seen).containsExactly(0, 1, 2);
  }
}
