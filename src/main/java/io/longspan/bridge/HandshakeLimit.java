package io.longspan.bridge;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Limits how often a user may handshake: each second as often as the user may have sessions, with a
 * reserve for bursts. No other limit counts a session that ends at once, and it costs several times
 * as much as a refusal.
 *
 * <p>Called on any thread; never blocks.
 */
final class HandshakeLimit {
  /** The minimum burst: several reloads of a page, by a user who may have one session. */
  private static final int SAVED_AT_LEAST = 20;

  /** After this many handshakes, users with a full allowance are forgotten. */
  private static final int SWEEP_PERIOD = 1000;

  private final int perSecond;
  private final int saved;
  private final ConcurrentMap<String, RateLimit> users = new ConcurrentHashMap<>();
  private final AtomicInteger untilSweep = new AtomicInteger(SWEEP_PERIOD);

  HandshakeLimit(int sessionsPerUser) {
    this.perSecond = sessionsPerUser;
    this.saved = (int) Math.min(Integer.MAX_VALUE, Math.max(SAVED_AT_LEAST, 2L * sessionsPerUser));
  }

  /** Counts a handshake of a user; returns false if the user's allowance is used up. */
  boolean tryAcquire(String user, long now) {
    if (untilSweep.decrementAndGet() == 0) {
      users.values().removeIf(allowance -> allowance.isFull(now));
      untilSweep.set(SWEEP_PERIOD);
    }
    return users
        .computeIfAbsent(user, name -> new RateLimit(perSecond, saved, now))
        .tryAcquire(now);
  }

  /** Returns the number of users that are remembered. */
  int size() {
    return users.size();
  }
}
