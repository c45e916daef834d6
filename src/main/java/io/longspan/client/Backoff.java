package io.longspan.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Computes the pauses between attempts: a limit that doubles, and a random pause between half of it
 * and the limit, so that clients do not reconnect in step.
 */
final class Backoff {
  private static final int MAX_DOUBLINGS = 30;

  private final Duration initial;
  private final Duration max;
  private int attempt;

  Backoff(Settings settings) {
    this(settings.reconnectInitial(), settings.reconnectMax());
  }

  Backoff(Duration initial, Duration max) {
    this.initial = initial;
    this.max = max;
  }

  Duration next() {
    double doubled = initial.toMillis() * Math.pow(2, Math.min(attempt++, MAX_DOUBLINGS));
    double limit = Math.min(max.toMillis(), doubled);
    return Duration.ofMillis(
        Math.round(limit * (0.5 + ThreadLocalRandom.current().nextDouble() / 2)));
  }

  void reset() {
    attempt = 0;
  }
}
