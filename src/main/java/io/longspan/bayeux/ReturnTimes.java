package io.longspan.bayeux;

import java.util.function.DoubleSupplier;

/**
 * Spreads the clients that are asked to come back over the time in which the bridge can serve them,
 * after those that wait already. Not thread-safe.
 */
final class ReturnTimes {
  /** The shortest time after which a client is asked to come back, in milliseconds. */
  static final long SHORTEST = 1_000;

  /** The longest one. A page that has just been loaded gives up after 30 s. */
  static final long LONGEST = 20_000;

  /** The rate until one is measured: about that of a bridge that has just started. */
  private static final double FIRST_RATE = 250;

  private static final double LOWEST_RATE = 10;

  /** The shortest period over which the rate is measured, in milliseconds. */
  private static final long PERIOD = 500;

  /** A longer period says nothing about the present rate. */
  private static final long LONGEST_PERIOD = 5_000;

  private static final double MILLIS_PER_SECOND = 1_000;

  /** How much a measurement changes the rate. */
  private static final double WEIGHT = 0.25;

  private final DoubleSupplier random;
  private double perSecond = FIRST_RATE;

  /** When the client that was asked last comes back, in milliseconds of the bridge's ticker. */
  private double last = Double.NEGATIVE_INFINITY;

  private long measuredAt;
  private long begunBefore;
  private boolean queuedBefore;

  /**
   * Creates return times with a rate that is assumed.
   *
   * @param random returns numbers from 0 to 1
   */
  ReturnTimes(DoubleSupplier random) {
    this.random = random;
  }

  /**
   * Returns after how many milliseconds a client should come back.
   *
   * @param now in milliseconds of the bridge's ticker
   * @param waiting the number of handshakes that wait
   */
  long next(long now, int waiting) {
    double step = MILLIS_PER_SECOND / perSecond;
    last = Math.max(last, now + SHORTEST + waiting * step) + step;
    if (last > now + LONGEST) {
      // The order among them is lost, but they do not come at once.
      last = now + LONGEST;
      return Math.round(LONGEST * (1 + random.getAsDouble()) / 2);
    }
    return Math.round(last - now);
  }

  /**
   * Measures at which rate handshakes begin, as long as others wait: otherwise, the rate says how
   * many clients come, and not how many could. Call it several times a second.
   *
   * @param now in milliseconds of the bridge's ticker
   * @param begun how many handshakes have begun so far
   * @param queued whether others wait
   */
  void measure(long now, long begun, boolean queued) {
    long elapsed = now - measuredAt;
    if (elapsed < PERIOD) {
      return;
    }
    if (queued && queuedBefore && elapsed <= LONGEST_PERIOD) {
      double measured = (begun - begunBefore) * MILLIS_PER_SECOND / elapsed;
      perSecond = Math.max(LOWEST_RATE, perSecond + WEIGHT * (measured - perSecond));
    }
    measuredAt = now;
    begunBefore = begun;
    queuedBefore = queued;
  }

  /** Returns how many handshakes a second the bridge begins while others wait. */
  double perSecond() {
    return perSecond;
  }
}
