package io.longspan.bridge;

/** How many messages a session may publish in a second; a second's worth can be saved up. */
final class RateLimit {
  private final int perSecond;
  private double available;
  private long last;

  /**
   * Creates a full allowance.
   *
   * @param now milliseconds of the bridge's ticker
   */
  RateLimit(int perSecond, long now) {
    this.perSecond = perSecond;
    this.available = perSecond;
    this.last = now;
  }

  /** Takes one message's allowance; returns whether there was one. */
  synchronized boolean tryAcquire(long now) {
    available = Math.min(perSecond, available + (now - last) * perSecond / 1000.0);
    last = now;
    if (available < 1) {
      return false;
    }
    available--;
    return true;
  }
}
