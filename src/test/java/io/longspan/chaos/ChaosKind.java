package io.longspan.chaos;

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
  /** The broker is killed, stays away for a while, and comes back empty. */
  KILL_BROKER(1, 0, 4),
  /** A bridge is killed, stays away for a while, and is started again. */
  KILL_BRIDGE(2, 0, 4),
  /** A bridge is stopped in good order and started again. */
  STOP_BRIDGE(2, 0, 2),
  /** A client reads nothing for a while. */
  SLOW_CLIENT(12, 2, 18);

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
