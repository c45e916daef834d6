package io.longspan.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a failure does not need is left out, in a bounded number of attempts. */
final class PlanShrinkerTest {
  private static final int MANY = 10_000;

  private final List<List<Integer>> tried = new ArrayList<>();

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private List<Integer> shrink(int count, int attempts, List<Integer> needed)
      throws InterruptedException {
    return PlanShrinker.shrink(
        numbers(count),
        attempts,
        shorter -> {
          tried.add(shorter);
          return shorter.containsAll(needed);
        });
  }

  @Test
  void oneCauseIsFoundByHalves() throws InterruptedException {
    for (int cause = 0; cause < 100; cause++) {
      tried.clear();
      assertThat(shrink(100, MANY, List.of(cause))).containsExactly(cause);
      assertThat(tried).hasSizeLessThan(20);
    }
  }

  @Test
  void causesThatAreFarApartAreBothFoundInTheirOrder() throws InterruptedException {
    assertThat(shrink(100, MANY, List.of(3, 50, 97))).containsExactly(3, 50, 97);
  }

  @Test
  void whatIsNeededAsAWholeStaysWhole() throws InterruptedException {
    assertThat(shrink(9, MANY, numbers(9))).isEqualTo(numbers(9));
  }

  @Test
  void afterTheLastAttemptTheShortestThatFailedIsTheResult() throws InterruptedException {
    for (int attempts = 0; attempts < 30; attempts++) {
      tried.clear();
      List<Integer> result = shrink(64, attempts, List.of(5, 60));
      assertThat(tried).hasSizeLessThanOrEqualTo(attempts);
      assertThat(result).contains(5, 60);
    }
    assertThat(shrink(64, 0, List.of(5))).isEqualTo(numbers(64));
  }

  @Test
  void aFailureThatDoesNotComeAgainLeavesTheWholePlan() throws InterruptedException {
    assertThat(PlanShrinker.shrink(numbers(7), MANY, shorter -> false)).isEqualTo(numbers(7));
  }
}
