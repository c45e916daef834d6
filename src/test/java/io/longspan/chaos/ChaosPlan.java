package io.longspan.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * What a run does when, made of a seed alone: the same seed and length give the same plan. Each
 * kind comes once before any comes twice, so that a short run has them all.
 *
 * @param events in the order in which they begin
 */
record ChaosPlan(List<ChaosPlan.Event> events) {
  private static final Duration FIRST = Duration.ofMillis(1000);
  private static final int MIN_PAUSE_MILLIS = 500;
  private static final int MAX_PAUSE_MILLIS = 5000;

  /** How much of a run one event may take, as a divisor. */
  private static final int SHARE = 5;

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

  /** Makes the plan of a seed, with some kinds. */
  static ChaosPlan of(long seed, Duration length, Set<ChaosKind> kinds) {
    Random random = new Random(seed);
    List<ChaosKind> first = new ArrayList<>(EnumSet.copyOf(kinds));
    Collections.shuffle(first, random);
    List<Event> events = new ArrayList<>();
    Duration at = FIRST;
    int longestPause = (int) Math.min(MAX_PAUSE_MILLIS, (length.toMillis() - 1000) / first.size());
    int shortestPause = Math.min(MIN_PAUSE_MILLIS, longestPause - 1);
    while (at.compareTo(length) < 0) {
      ChaosKind kind =
          events.size() < first.size() ? first.get(events.size()) : weighted(random, kinds);
      int span = kind.longestMillis() - kind.shortestMillis();
      int drawn = kind.shortestMillis() + random.nextInt(span + 1);
      long most = Math.max(kind.shortestMillis(), length.toMillis() / SHARE);
      Duration lasts = Duration.ofMillis(Math.min(drawn, most));
      events.add(new Event(at, kind, random.nextInt(1 << 20), lasts));
      at = at.plusMillis(shortestPause + random.nextInt(longestPause - shortestPause));
    }
    return new ChaosPlan(List.copyOf(events));
  }

  /**
   * Returns the plan of some events alone, which begins with the first of them.
   *
   * @param some of this plan's events, in their order
   */
  ChaosPlan only(List<Event> some) {
    if (some.isEmpty()) {
      return new ChaosPlan(List.of());
    }
    Duration earlier = some.get(0).at().minus(FIRST);
    return new ChaosPlan(
        some.stream()
            .map(e -> new Event(e.at().minus(earlier), e.kind(), e.target(), e.length()))
            .toList());
  }

  private static ChaosKind weighted(Random random, Set<ChaosKind> kinds) {
    int drawn = random.nextInt(kinds.stream().mapToInt(ChaosKind::weight).sum());
    for (ChaosKind kind : EnumSet.copyOf(kinds)) {
      drawn -= kind.weight();
      if (drawn < 0) {
        return kind;
      }
    }
    throw new AssertionError(kinds);
  }
}
