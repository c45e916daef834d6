package io.longspan.presence;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Users who have joined and left a topic, each once.
 *
 * @param joined users who were not present before and are now
 * @param left users who were present before and are not now
 */
public record PresenceChange(List<String> joined, List<String> left) {

  /**
   * A user has become present, or is not present any more.
   *
   * @param number counts the transitions of all topics
   */
  public record Transition(long number, String user, boolean present) {}

  /**
   * Returns the change by the transitions of a topic after another one.
   *
   * @param transitions in order; those of one user alternate
   * @param after the number of the last transition that does not count
   */
  public static PresenceChange between(List<Transition> transitions, long after) {
    Map<String, Boolean> before = new LinkedHashMap<>();
    Map<String, Boolean> now = new LinkedHashMap<>();
    for (Transition transition : transitions) {
      if (transition.number() > after) {
        before.putIfAbsent(transition.user(), !transition.present());
        now.put(transition.user(), transition.present());
      }
    }
    List<String> joined = new ArrayList<>();
    List<String> left = new ArrayList<>();
    now.forEach(
        (user, present) -> {
          if (!before.get(user).equals(present)) {
            (present ? joined : left).add(user);
          }
        });
    return new PresenceChange(joined, left);
  }

  /** Returns whether nobody has joined or left. */
  public boolean isEmpty() {
    return joined.isEmpty() && left.isEmpty();
  }
}
