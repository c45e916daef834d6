package io.longspan.chaos;

import java.util.ArrayList;
import java.util.List;

/** When something that requests need was away or disturbed; for all threads. */
final class Outages {
  /** Concerns the requests of all bridges. */
  static final String EVERYWHERE = "";

  private final List<Outage> all = new ArrayList<>();

  private enum Kind {
    /** Somebody does not answer. */
    SILENCE,
    /** A bridge stands still. */
    PAUSE,
    /** A bridge is cut off, which it notices at once and has to tell. */
    CUT
  }

  /** One of them; its fields are guarded by the outages. */
  static final class Outage {
    private final String bridgeId;
    private final Kind kind;
    private final long from;
    private long to = Long.MAX_VALUE;

    private Outage(String bridgeId, Kind kind, long from) {
      this.bridgeId = bridgeId;
      this.kind = kind;
      this.from = from;
    }

    private boolean concerns(String bridge) {
      return bridgeId.equals(EVERYWHERE) || bridgeId.equals(bridge);
    }
  }

  /**
   * Notes the beginning of an outage during which nobody may be able to answer.
   *
   * @param bridgeId the bridge that is concerned, or {@link #EVERYWHERE}
   */
  Outage begin(String bridgeId, long at) {
    return add(new Outage(bridgeId, Kind.SILENCE, at));
  }

  /** Notes that a bridge stands still. */
  Outage beginPause(String bridgeId, long at) {
    return add(new Outage(bridgeId, Kind.PAUSE, at));
  }

  /** Notes that a bridge is cut off from the broker. */
  Outage beginCut(String bridgeId, long at) {
    return add(new Outage(bridgeId, Kind.CUT, at));
  }

  private synchronized Outage add(Outage outage) {
    all.add(outage);
    return outage;
  }

  synchronized void end(Outage outage, long at) {
    outage.to = at;
  }

  /** Returns until when something that a bridge's requests need was silent; 0: it never was. */
  synchronized long awayUntil(String bridgeId, long now) {
    return all.stream()
        .filter(outage -> outage.kind != Kind.CUT && outage.concerns(bridgeId))
        .mapToLong(outage -> Math.min(outage.to, now))
        .max()
        .orElse(0);
  }

  /** Returns whether any outage of a bridge was between two times. */
  synchronized boolean any(String bridgeId, long from, long to) {
    return all.stream()
        .anyMatch(outage -> outage.concerns(bridgeId) && outage.from <= to && outage.to >= from);
  }

  /** Returns whether anything was away, or any bridge cut off, between two times. */
  synchronized boolean any(long from, long to) {
    return all.stream().anyMatch(outage -> outage.from <= to && outage.to >= from);
  }

  /** Returns whether any bridge stood still between two times. */
  synchronized boolean anyPause(long from, long to) {
    return all.stream()
        .anyMatch(outage -> outage.kind == Kind.PAUSE && outage.from <= to && outage.to >= from);
  }
}
