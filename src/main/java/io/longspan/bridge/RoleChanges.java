package io.longspan.bridge;

import io.longspan.security.Identity;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Bounds how often a client's roles change. Each change makes the bridge check all of the client's
 * subscriptions, so two credentials of one user that are presented in turn must not do so with
 * every poll. A change over the limit only takes roles away, at once: the client keeps the roles
 * that its old and its new credential have in common, until the new one's are due.
 *
 * <p>Called on any thread; never blocks.
 */
final class RoleChanges {
  /** How many changes apply in full without a pause. */
  static final int SAVED = 5;

  /** After these, one change applies in full in so many milliseconds. */
  static final long PERIOD = 10_000;

  private final RateLimit allowance;

  /**
   * Creates a full allowance.
   *
   * @param now milliseconds of the bridge's ticker
   */
  RoleChanges(long now) {
    this.allowance = new RateLimit(1000.0 / PERIOD, SAVED, now);
  }

  /**
   * Decides which roles apply from now on. A caller that does not get what was presented asks again
   * later.
   *
   * @param current the identity in force
   * @param presented the same user, with the roles of the latest credential
   * @return {@code current} if nothing changes now
   */
  Identity next(Identity current, Identity presented, long now) {
    if (presented.roles().equals(current.roles())) {
      return current;
    }
    if (allowance.tryAcquire(now)) {
      return presented;
    }
    Set<String> common = new LinkedHashSet<>(current.roles());
    return common.retainAll(presented.roles())
        ? new Identity(current.user(), Set.copyOf(common))
        : current;
  }
}
