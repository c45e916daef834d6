package io.longspan.bridge;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The {@code gap} that will announce the messages which one client lost because it is too slow
 * (protocol section 5). At most one waits in an outbox. Its place is fixed early, and its content
 * when it is taken.
 *
 * <p>Not thread-safe: {@link ClientOutbox} guards it.
 */
final class PendingGap {
  private final LossNotices notices;
  private Map<String, Long> lost = new LinkedHashMap<>(2);

  /** Null if no place is reserved. */
  private Outgoing place;

  PendingGap(LossNotices notices) {
    this.notices = notices;
  }

  /** Counts a message of a subscription that was discarded. */
  void count(Outgoing message) {
    lost.merge(message.right().topic().value(), 1L, Long::sum);
  }

  /** Returns whether messages were lost and no place is reserved. */
  boolean needsPlace() {
    return !lost.isEmpty() && place == null;
  }

  boolean hasPlace() {
    return place != null;
  }

  /** Reserves a place and returns it: a message without content. */
  Outgoing reserve(long seq) {
    place = new Outgoing(seq, null, null);
    return place;
  }

  /** Returns whether a message is the reserved place. */
  boolean isAt(Outgoing message) {
    return message == place;
  }

  /** Returns the gap for the reserved place. It counts all messages that were lost so far. */
  Outgoing take() {
    Outgoing gap = new Outgoing(place.seq(), notices.dropped(lost), null);
    place = null;
    lost = new LinkedHashMap<>(2);
    return gap;
  }
}
