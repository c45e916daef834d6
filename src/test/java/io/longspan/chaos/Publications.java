package io.longspan.chaos;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** What was published to one topic, numbered from 1; for all threads. */
final class Publications {
  /** What a publisher knows of a message. */
  enum Fate {
    UNDER_WAY,
    /** The send has returned. */
    SENT,
    /** The send has failed; the broker may have the message all the same. */
    MAYBE_SENT
  }

  private long[] startedAt = new long[1024];
  private Fate[] fates = new Fate[1024];
  private final Map<Integer, Strangeness> strange = new HashMap<>();
  private int last;

  /** Notes that a send begins, and returns the message's number. */
  synchronized int begin(long at) {
    return begin(at, Strangeness.NONE);
  }

  /** Notes that the send of a message begins with which something may be wrong. */
  synchronized int begin(long at, Strangeness strangeness) {
    if (++last == fates.length) {
      startedAt = Arrays.copyOf(startedAt, 2 * last);
      fates = Arrays.copyOf(fates, 2 * last);
    }
    startedAt[last] = at;
    fates[last] = Fate.UNDER_WAY;
    if (strangeness != Strangeness.NONE) {
      strange.put(last, strangeness);
    }
    return last;
  }

  /** Notes how a send has ended. */
  synchronized void end(int number, Fate fate) {
    fates[number] = fate;
  }

  /** Returns the highest number; 0 where there is none. */
  synchronized int last() {
    return last;
  }

  /** Returns when the send of a message began. */
  synchronized long startedAt(int number) {
    return startedAt[number];
  }

  synchronized Fate fate(int number) {
    return fates[number];
  }

  synchronized Strangeness strangeness(int number) {
    return strange.getOrDefault(number, Strangeness.NONE);
  }

  /** Returns how many of the first messages are too large. */
  synchronized long tooLarge(int first) {
    return strange.entrySet().stream()
        .filter(e -> e.getValue() == Strangeness.TOO_LARGE && e.getKey() <= first)
        .count();
  }

  /** Tells a message's story. */
  synchronized String text(int number) {
    return number < 1 || number > last
        ? "#" + number + " was never published"
        : "#%d published at %s, %s, %s"
            .formatted(
                number, RunClock.text(startedAt[number]), fates[number], strangeness(number));
  }
}
