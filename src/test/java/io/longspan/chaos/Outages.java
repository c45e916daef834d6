package io.longspan.chaos;

import java.util.ArrayList;
import java.util.List;

/** When something that requests need was away; for all threads. */
final class Outages {
  /** Concerns the requests of all bridges. */
  static final String EVERYWHERE = "";

  private final List<Outage> all = new ArrayList<>();

  private static final class Outage {
    private final String what;
    private final String bridgeId;
    private final long from;
    private long to = Long.MAX_VALUE;

    private Outage(String what, String bridgeId, long from) {
      this.what = what;
      this.bridgeId = bridgeId;
      this.from = from;
    }
  }

  /**
   * Notes the beginning of an outage.
   *
   * @param what its name
   * @param bridgeId the bridge that is concerned, or {@link #EVERYWHERE}
   */
  synchronized void begin(String what, String bridgeId, long at) {
    all.add(new Outage(what, bridgeId, at));
  }

  /** Notes the end of the outages of that name. */
  synchronized void end(String what, long at) {
    for (Outage outage : all) {
      if (outage.what.equals(what) && outage.to == Long.MAX_VALUE) {
        outage.to = at;
      }
    }
  }

  /** Returns until when something that a bridge's requests need was away; 0: it never was. */
  synchronized long awayUntil(String bridgeId, long now) {
    return all.stream()
        .filter(o -> o.bridgeId.equals(EVERYWHERE) || o.bridgeId.equals(bridgeId))
        .mapToLong(o -> Math.min(o.to, now))
        .max()
        .orElse(0);
  }
}
