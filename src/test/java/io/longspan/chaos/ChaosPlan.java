package io.longspan.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * What a run does when, made of a seed alone: the same seed and length give the same plan. Each
 * kind comes once before any comes twice, so that a short run has them all.
 *
 * @param events in the order in which they begin
 */
record ChaosPlan(List<ChaosPlan.Event> events) {
  private static final int SHORTEST_PAUSE_MILLIS = 500;
  private static final int LONGEST_PAUSE_MILLIS = 5000;

  /**
   * One thing to do.
   *
   * @param at when it begins
   * @param target which bridge, door or client, modulo how many there are
   * @param length how long it lasts
   */
  record Event(Duration at, ChaosKind kind, int target, Duration length) {
    @Override
    public String toString() {
      return "%s %d for %d ms".formatted(kind, target, length.toMillis());
    }
  }

  /** Makes the plan of a seed. */
  static ChaosPlan of(long seed, Duration length) {
    Random random = new Random(seed);
    List<ChaosKind> first = new ArrayList<>(List.of(ChaosKind.values()));
    Collections.shuffle(first, random);
    List<Event> events = new ArrayList<>();
    Duration at = Duration.ofMillis(1000);
    while (at.compareTo(length) < 0) {
      ChaosKind kind = events.size() < first.size() ? first.get(events.size()) : weighted(random);
      int span = kind.longestMillis() - kind.shortestMillis();
      Duration lasts = Duration.ofMillis(kind.shortestMillis() + random.nextInt(span + 1));
      events.add(new Event(at, kind, random.nextInt(1 << 20), lasts));
      int pause =
          SHORTEST_PAUSE_MILLIS + random.nextInt(LONGEST_PAUSE_MILLIS - SHORTEST_PAUSE_MILLIS);
      at = at.plusMillis(pause);
    }
    return new ChaosPlan(List.copyOf(events));
  }

  private static ChaosKind weighted(Random random) {
    int sum = Stream.of(ChaosKind.values()).mapToInt(ChaosKind::weight).sum();
    int drawn = random.nextInt(sum);
    for (ChaosKind kind : ChaosKind.values()) {
      drawn -= kind.weight();
      if (drawn < 0) {
        return kind;
      }
    }
    throw new AssertionError(Arrays.toString(ChaosKind.values()));
  }
}
