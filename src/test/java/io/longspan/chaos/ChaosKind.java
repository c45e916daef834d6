package io.longspan.chaos;

import java.util.EnumSet;
import java.util.Set;

/** What a run does to its bridges, its broker and its clients. */
enum ChaosKind {
  /** All connections of one door are reset. */
  CUT_CLIENTS(10, 0, 0),
  /** One door neither takes nor gives for a while. */
  FREEZE_CLIENTS(4, 2, 12),
  /** A bridge's connections to the broker are reset, and new ones for a while. */
  CUT_BROKER_LINK(5, 0, 4),
  /** Nothing passes between a bridge and the broker for a while. */
  FREEZE_BROKER_LINK(4, 1, 12),
  /** All that the broker says to a bridge arrives 0.5 to 20 s late. */
  SLOW_BROKER(3, 3, 30),
  /** The broker is killed, stays away for a while, and comes back empty. */
  KILL_BROKER(1, 0, 4),
  /** The broker refuses a bridge one topic, and the bridge's link is cut. */
  REFUSE_CONSUMERS(2, 1, 15),
  /** Clients send to a queue that nobody reads until it is full; then it is drained. */
  FILL_DESTINATION(3, 4, 20),
  /** A bridge is killed, stays away for a while, and is started again. */
  KILL_BRIDGE(2, 0, 4),
  /** A bridge is stopped in good order and started again. */
  STOP_BRIDGE(2, 0, 2),
  /** A bridge's process stands still for a while. */
  PAUSE_BRIDGE(2, 1, 40),
  /** A bridge's wall clock is ahead or behind for a while, by 1 s to 2 h. */
  STEP_CLOCK(2, 3, 40),
  /** The catalogue gets a comment, an entry, and takes a right away for a while. */
  EDIT_CATALOGUE(3, 4, 24),
  /** Messages and answers that are too large, that cannot be read, and that expire. */
  STRANGE_MESSAGES(6, 0, 0),
  /** A client reads nothing for a while. */
  SLOW_CLIENT(12, 2, 18),
  /** The process of a pair that serves is killed; later it is started again. */
  KILL_PRIMARY(2, 0, 10),
  /** The process of a pair that serves is stopped in good order; later it is started again. */
  PLANNED_FAIL_OVER(2, 0, 10);

  /** What can be done to a broker that is one process. */
  static final Set<ChaosKind> OF_ONE_BROKER =
      EnumSet.complementOf(EnumSet.of(KILL_PRIMARY, PLANNED_FAIL_OVER));

  private final int weight;
  private final int shortest;
  private final int longest;

  ChaosKind(int weight, int shortestSeconds, int longestSeconds) {
    this.weight = weight;
    this.shortest = shortestSeconds;
    this.longest = longestSeconds;
  }

  /** Returns how often it is done, compared with the others. */
  int weight() {
    return weight;
  }

  /** Returns how many milliseconds it lasts at least. */
  int shortestMillis() {
    return 1000 * shortest;
  }

  int longestMillis() {
    return 1000 * longest;
  }
}
