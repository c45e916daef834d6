package io.longspan.demo;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/** Pauses between attempts: doubled up to a limit, with 25 percent jitter. */
final class Backoff {

  private static final Duration FIRST = Duration.ofMillis(500);
  private static final Duration MAX_DELAY = Duration.ofSeconds(30);

  private final DoubleSupplier random;
  private Duration next = FIRST;

  /**
   * Creates a back-off.
   *
   * @param random numbers from 0 to 1
   */
  Backoff(DoubleSupplier random) {
    this.random = random;
  }

  /** Returns the pause before the next attempt. */
  Duration next() {
    Duration pause = next;
    next = next.multipliedBy(2).compareTo(MAX_DELAY) > 0 ? MAX_DELAY : next.multipliedBy(2);
    return Duration.ofMillis((long) (pause.toMillis() * (0.75 + 0.5 * random.getAsDouble())));
  }

  void reset() {
    next = FIRST;
  }
}
