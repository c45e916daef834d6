package io.longspan.jms;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A clock that counts only the time in which this process ran: what a long collection or a stopped
 * machine takes is nobody else's silence. Somebody has to ask it more often than every {@link
 * #PAUSE}; the longer time between two questions counts as that much.
 *
 * <p>May be used on any thread; never blocks.
 */
final class RunningTime implements LongSupplier {
  /** A longer time between two questions is a pause of the process. */
  static final Duration PAUSE = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(RunningTime.class);

  private final LongSupplier nanoTime;
  private long asked;
  private long running;

  /**
   * Creates a clock.
   *
   * @param nanoTime the clock that also counts pauses, as {@link System#nanoTime}
   */
  RunningTime(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.asked = nanoTime.getAsLong();
  }

  /** Returns nanoseconds since the clock was created, without pauses. */
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
      LOG.warn("the bridge stood still millis={}", TimeUnit.NANOSECONDS.toMillis(pause));
    }
    return now;
  }
}
