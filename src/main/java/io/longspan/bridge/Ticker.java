package io.longspan.bridge;

/** The clock of the bridge; a port, so that a test can set the time. */
@FunctionalInterface
public interface Ticker {

  /** Returns a time in milliseconds that never goes back, from an arbitrary origin. */
  long millis();

  /**
   * Returns the time since 1970 in milliseconds. Unlike {@link #millis} it can be compared with
   * times of other machines, and can go back.
   */
  default long epochMillis() {
    return millis();
  }

  /** Returns the clocks of the machine, {@link System#nanoTime} and its time of day. */
  static Ticker system() {
    return new Ticker() {
      @Override
      public long millis() {
        return System.nanoTime() / 1_000_000;
      }

      @Override
      public long epochMillis() {
        return System.currentTimeMillis();
      }
    };
  }
}
