package io.longspan.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One figure in each round.
 *
 * @param values in the order of the rounds; never empty
 */
record Rounds(List<Double> values) {

  /** Returns the figure; empty if there is none. */
  static Optional<Rounds> of(List<Double> values) {
    return values == null || values.isEmpty() ? Optional.empty() : Optional.of(new Rounds(values));
  }

  /**
   * Returns the bridge's ratio to another server in each round that has both. The two were measured
   * one after the other, so a slow moment of the machine affects both.
   *
   * @param byServer the figure of each server
   */
  static Optional<Rounds> ratios(Map<String, List<Double>> byServer, String other) {
    List<Double> bridge = byServer.getOrDefault(Results.BRIDGE, List.of());
    List<Double> others = byServer.getOrDefault(other, List.of());
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < Math.min(bridge.size(), others.size()); round++) {
      if (others.get(round) != 0) {
        ratios.add(bridge.get(round) / others.get(round));
      }
    }
    return of(ratios);
  }

  double median() {
    List<Double> sorted = values.stream().sorted().toList();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  double least() {
    return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
  }

  double most() {
    return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
  }
}
