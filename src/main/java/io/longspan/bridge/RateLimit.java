package io.longspan.bridge;

/** A token bucket: a rate per second, with a bounded burst. Safe for use by many threads. */
final class RateLimit {
  private final double perSecond;
  private final int saved;
  private double available;
  private long last;

  /**
   * Creates a full bucket.
   *
   * @param perSecond the tokens that are added per second
   * @param saved the maximum number of tokens
   * @param now in milliseconds of the bridge's ticker
   */
  RateLimit(double perSecond, int saved, long now) {
    this.perSecond = perSecond;
    this.saved = saved;
    this.available = saved;
    this.last = now;
  }

  /**
   * Takes a token; returns false if there is none.
   *
   * @param now in milliseconds of the bridge's ticker
   */
  synchronized boolean tryAcquire(long now) {
    refill(now);
    if (available < 1) {
      return false;
    }
    available--;
    return true;
  }

  /**
   * Returns whether the bucket is full, as if it had never been used.
   *
   * @param now in milliseconds of the bridge's ticker
   */
  synchronized boolean isFull(long now) {
    refill(now);
    return available >= saved;
  }

  private void refill(long now) {
    available = Math.min(saved, available + (now - last) * perSecond / 1000.0);
    last = now;
  }
}
