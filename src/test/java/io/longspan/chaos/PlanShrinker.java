package io.longspan.chaos;

import java.util.ArrayList;
import java.util.List;

/**
 * Leaves out of a list that fails what is not needed to fail (delta debugging): first half of it,
 * then ever smaller parts, until no single element can be left out or the attempts are used up.
 */
final class PlanShrinker {
  /** Says whether a shorter list still fails; may take as long as a run. */
  @FunctionalInterface
  interface Trial<T> {
    boolean fails(List<T> shorter) throws InterruptedException;
  }

  private PlanShrinker() {}

  /**
   * Shrinks a list.
   *
   * @param all a list that fails
   * @param attempts how often it may be tried
   * @return the shortest list that was seen to fail
   */
  static <T> List<T> shrink(List<T> all, int attempts, Trial<T> trial) throws InterruptedException {
    List<T> failing = all;
    int parts = 2;
    int left = attempts;
    while (failing.size() > 1) {
      List<T> shorter = null;
      for (int i = 0; i < parts && shorter == null; i++) {
        if (left-- == 0) {
          return failing;
        }
        List<T> candidate = without(failing, i, parts);
        shorter = trial.fails(candidate) ? candidate : null;
      }
      if (shorter != null) {
        failing = shorter;
        parts = Math.max(2, parts - 1);
      } else if (parts == failing.size()) {
        return failing;
      } else {
        parts = 2 * parts;
      }
      parts = Math.min(parts, failing.size());
    }
    return failing;
  }

  /** Leaves one of a number of parts out, of almost the same length each. */
  private static <T> List<T> without(List<T> all, int part, int parts) {
    List<T> rest = new ArrayList<>(all.subList(0, all.size() * part / parts));
    rest.addAll(all.subList(all.size() * (part + 1) / parts, all.size()));
    return rest;
  }
}
