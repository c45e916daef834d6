package io.longspan.jms;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A clock that stands still while this process is paused, for example by a garbage collection or a
 * suspended machine. Otherwise a pause would look like a silent broker.
 *
 * <p>Some thread must read the clock more often than every {@link #PAUSE}. A longer time between
 * two reads counts as a pause, and adds only {@code PAUSE} to the clock. May be used on any thread;
 * never blocks.
 */
final class RunningTime implements LongSupplier {
  /** A longer time between two reads counts as a pause of the process. */
  static final Duration PAUSE = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(RunningTime.class);

  private final LongSupplier nanoTime;
  private long asked;
  private long running;

  /**
   * Creates a clock that starts at 0.
   *
   * @param nanoTime a clock that includes pauses, for example {@link System#nanoTime}
   */
  RunningTime(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.asked = nanoTime.getAsLong();
  }

  /** Returns the nanoseconds since the clock was created, without pauses. Logs each pause. */
  @Override
  public long getAsLong() {
    long pause;
    long now;
    synchronized (this) {
      long time = nanoTime.getAsLong();
      long passed = Math.max(0, time - asked);
      asked = time;
      pause = passed - PAUSE.toNanos();
      running += Math.min(passed, PAUSE.toNanos());
      now = running;
    }
    if (pause > 0) {
      LOG.warn("the bridge was paused millis={}", TimeUnit.NANOSECONDS.toMillis(pause));
    }
    return now;
  }
}
