package io.longspan.chaos;

import java.time.Duration;
import java.util.Locale;

/** The time of a run, the same for all its threads: nanoseconds since it began. */
final class RunClock {
  private final long start = System.nanoTime();

  /** Returns the nanoseconds since the run began. */
  long now() {
    return System.nanoTime() - start;
  }

  /** Writes a time for people: seconds since the run began. */
  static String text(long at) {
    return at == Long.MAX_VALUE ? "the end" : String.format(Locale.ROOT, "%.3f s", at / 1e9);
  }

  static long nanos(Duration duration) {
    return duration.toNanos();
  }
}
