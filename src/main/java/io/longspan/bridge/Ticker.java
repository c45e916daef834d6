package io.longspan.bridge;

/** The clock of the bridge; a port, so that a test can set the time. */
@FunctionalInterface
public interface Ticker {

  /** Returns a time in milliseconds that never goes back, from an arbitrary origin. */
  long millis();

  /** Returns the clock of the machine, {@link System#nanoTime}. */
  static Ticker system() {
    return () -> System.nanoTime() / 1_000_000;
  }
}
