package io.longspan.local.broker;

import io.longspan.bridge.Ticker;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Allows one line of the log in a second, so that requests of a client cannot fill it. What is not
 * logged is still counted. May be used on any thread.
 */
final class LogPace {
  /** The minimum time between two lines, in milliseconds. */
  static final long PERIOD = 1000;

  private final Ticker ticker;
  private final AtomicLong next;

  LogPace(Ticker ticker) {
    this.ticker = ticker;
    this.next = new AtomicLong(ticker.millis());
  }

  /** Returns whether a line may be written now. */
  boolean allows() {
    long now = ticker.millis();
    long due = next.get();
    return now - due >= 0 && next.compareAndSet(due, now + PERIOD);
  }
}
