package io.longspan.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Since when users have had their roles, as far as this bridge has seen. The roles of a user who is
 * seen for the first time count as held before; a role that appears later counts from then on.
 *
 * <p>Safe for use by many threads. Bounded: when a user was forgotten, nobody's roles count as held
 * before that.
 */
final class RoleSightings {
  /** Held for as long as the bridge knows. */
  static final long ALWAYS = Long.MIN_VALUE;

  private static final int MAX_USERS = 20_000;

  /**
   * What was seen of a user.
   *
   * @param roles the roles that were presented last
   * @param since milliseconds, for each role
   */
  private record Sighting(Set<String> roles, Map<String, Long> since) {}

  private final AtomicLong lastForgotten = new AtomicLong(ALWAYS);
  private final LongSupplier clock;
  private final Cache<String, Sighting> sightings;

  /**
   * Creates an empty record.
   *
   * @param clock milliseconds that only go forward
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

  /** Notes the roles that a user has presented. */
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
   * Returns since when a user has had one of these roles, in milliseconds of the clock; {@link
   * Long#MAX_VALUE}: the user has none of them.
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
