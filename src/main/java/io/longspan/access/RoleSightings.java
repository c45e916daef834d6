package io.longspan.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.longspan.identity.Identity;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Since when users have held their roles, as far as this bridge has seen. At the first sight of a
 * user, all roles count as held before. A role that appears later counts from then on.
 *
 * <p>Safe for use by many threads. Bounded: roles of a user without an entry count as held since
 * the last eviction.
 */
final class RoleSightings {
  /** Held as long as the bridge can know. */
  static final long ALWAYS = Long.MIN_VALUE;

  private static final int MAX_USERS = 20_000;

  /**
   * Roles of one user.
   *
   * @param roles roles that the user presented last
   * @param since start for each role, in milliseconds of the clock
   */
  private record Sighting(Set<String> roles, Map<String, Long> since) {}

  private final AtomicLong lastForgotten = new AtomicLong(ALWAYS);
  private final LongSupplier clock;
  private final Cache<String, Sighting> sightings;

  /**
   * Creates an empty record.
   *
   * @param clock monotonic time in milliseconds
   */
  RoleSightings(LongSupplier clock) {
    this(clock, MAX_USERS);
  }

  RoleSightings(LongSupplier clock, int maxUsers) {
    this.clock = clock;
    this.sightings =
        Caffeine.newBuilder()
            .maximumSize(maxUsers)
            .executor(Runnable::run)
            .evictionListener(
                (String user, Sighting sighting, RemovalCause cause) ->
                    lastForgotten.accumulateAndGet(clock.getAsLong(), Math::max))
            .build();
  }

  /** Records the roles that a user presents. */
  void saw(Identity identity) {
    Sighting known = sightings.getIfPresent(identity.user());
    if (known == null || !known.roles().equals(identity.roles())) {
      sightings.asMap().compute(identity.user(), (user, last) -> next(last, identity.roles()));
    }
  }

  private Sighting next(Sighting last, Set<String> roles) {
    long now = last == null ? lastForgotten.get() : clock.getAsLong();
    Map<String, Long> since = new HashMap<>();
    for (String role : roles) {
      since.put(role, last == null ? now : last.since().getOrDefault(role, now));
    }
    return new Sighting(roles, Map.copyOf(since));
  }

  /**
   * Returns since when a user has held one of these roles, in milliseconds of the clock; {@link
   * Long#MAX_VALUE} if the user has none of them.
   */
  long heldSince(Identity identity, Collection<String> wanted) {
    Sighting known = sightings.getIfPresent(identity.user());
    return identity.roles().stream()
        .filter(wanted::contains)
        .mapToLong(
            role ->
                known == null
                    ? lastForgotten.get()
                    : known.since().getOrDefault(role, clock.getAsLong()))
        .min()
        .orElse(Long.MAX_VALUE);
  }
}
