package io.longspan.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class FairTurnsTest {
  private final FairTurns<String, Integer> turns = new FairTurns<>();

  @Test
  void theOwnerWithMostLosesItsNewestItem() {
    turns.add("a", 1);
    turns.add("b", 2);
    assertThat(turns.removeNewestOfLargest(1)).isNull();
    turns.add("a", 3);
    turns.add("a", 4);
    turns.add("b", 5);
    assertThat(turns.size("a")).isEqualTo(3);
    assertThat(turns.removeNewestOfLargest(3)).isNull();
    assertThat(turns.removeNewestOfLargest(2)).isEqualTo(4);
    assertThat(turns.removeNewestOfLargest(2)).isNull();
    assertThat(turns.size()).isEqualTo(4);
    assertThat(turns.poll()).isEqualTo(1);
    assertThat(turns.poll()).isEqualTo(2);
    assertThat(turns.poll()).isEqualTo(3);
    assertThat(turns.poll()).isEqualTo(5);
    assertThat(turns.size("b")).isZero();
  }
}
