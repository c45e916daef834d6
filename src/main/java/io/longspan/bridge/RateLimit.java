package io.longspan.bridge;

/** How much may be done in a time; what is not used is saved up to a bound. Thread-safe. */
final class RateLimit {
  private final double perSecond;
  private final int saved;
  private double available;
  private long last;

  /**
   * Creates a full allowance.
   *
   * @param perSecond how much is added in a second
   * @param saved how much can be saved up
   * @param now milliseconds of the bridge's ticker
   */
  RateLimit(double perSecond, int saved, long now) {
    this.perSecond = perSecond;
    this.saved = saved;
    this.available = saved;
    this.last = now;
  }

  /** Takes one; returns whether there was one. */
  synchronized boolean tryAcquire(long now) {
    refill(now);
    if (available < 1) {
      return false;
    }
    available--;
    return true;
  }

  /** Returns whether all that can be saved up is there, as if it had never been used. */
  synchronized boolean isFull(long now) {
    refill(now);
    return available >= saved;
  }

  private void refill(long now) {
    available = Math.min(saved, available + (now - last) * perSecond / 1000.0);
    last = now;
  }
}
