package io.longspan.bridge;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many sessions a user may begin in a time: as many in a second as the user may have, and some
 * saved up. A session that is begun and ended at once counts for no other limit, and costs several
 * times what its refusal does.
 *
 * <p>Called on any thread; never blocks.
 */
final class HandshakeLimit {
  /** A page that is loaded anew, several times, by a user who may have one session only. */
  private static final int SAVED_AT_LEAST = 20;

  /** After so many handshakes the users are forgotten who have their whole allowance again. */
  private static final int SWEEP_PERIOD = 1000;

  private final int perSecond;
  private final int saved;
  private final ConcurrentMap<String, RateLimit> users = new ConcurrentHashMap<>();
  private final AtomicInteger untilSweep = new AtomicInteger(SWEEP_PERIOD);

  HandshakeLimit(int sessionsPerUser) {
    this.perSecond = sessionsPerUser;
    this.saved = (int) Math.min(Integer.MAX_VALUE, Math.max(SAVED_AT_LEAST, 2L * sessionsPerUser));
  }

  /** Takes one handshake of a user's; returns whether there was one left. */
  boolean tryAcquire(String user, long now) {
    if (untilSweep.decrementAndGet() == 0) {
      users.values().removeIf(allowance -> allowance.isFull(now));
      untilSweep.set(SWEEP_PERIOD);
    }
    return users
        .computeIfAbsent(user, name -> new RateLimit(perSecond, saved, now))
        .tryAcquire(now);
  }

  /** Returns how many users are remembered. */
  int size() {
    return users.size();
  }
}
