package io.longspan.access;

import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import java.util.ArrayList;
import java.util.List;

/**
 * The last changes of rights, numbered. A decision reads the number at its start. At its end it
 * checks whether a later change affects it. Safe for use by many threads.
 */
final class RightsHistory {
  /** Number of remembered changes; older ones count as affecting every decision. */
  private static final int KEPT = 128;

  /** Immutable; the last change in the list has the number {@code count}. */
  private record Past(long count, List<RightsChange> last) {}

  private volatile Past past = new Past(0, List.of());

  /** Returns the number of the latest change. */
  long count() {
    return past.count;
  }

  synchronized void add(RightsChange change) {
    List<RightsChange> last = new ArrayList<>(past.last);
    if (last.size() == KEPT) {
      last.remove(0);
    }
    last.add(change);
    past = new Past(past.count + 1, List.copyOf(last));
  }

  /** Returns whether any change after this number affects a decision. */
  boolean affectedSince(long count, Identity identity, DestinationName name) {
    Past now = past;
    long newer = now.count - count;
    if (newer == 0) {
      return false; // as nearly always, and asked with each message
    }
    return newer > now.last.size()
        || now.last.subList(now.last.size() - (int) newer, now.last.size()).stream()
            .anyMatch(change -> change.affects(identity, name));
  }
}
