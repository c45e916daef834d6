package io.longspan.bridge;

/** Tells the time, so that a test can set it. */
@FunctionalInterface
public interface Ticker {

  /** Returns milliseconds that only go forward, from an arbitrary origin. */
  long millis();

  /** Returns the machine's own clock. */
  static Ticker system() {
    return () -> System.nanoTime() / 1_000_000;
  }
}
