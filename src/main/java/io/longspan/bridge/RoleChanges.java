package io.longspan.bridge;

import io.longspan.identity.Identity;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Limits how often the roles of a client change. Each change makes the bridge check all
 * subscriptions of the client. Two credentials of one user that alternate must not cause that with
 * every poll.
 *
 * <p>A change over the limit only withdraws roles, at once. The client keeps the roles that both
 * credentials have, until the next change is due.
 *
 * <p>Called on any thread; never blocks.
 */
final class RoleChanges {
  /** The number of changes that may apply in full without a pause. */
  static final int SAVED = 5;

  /** Afterwards, one change applies in full in this time, in milliseconds. */
  static final long PERIOD = 10_000;

  private final RateLimit allowance;

  /**
   * Creates a full allowance.
   *
   * @param now in milliseconds of the bridge's ticker
   */
  RoleChanges(long now) {
    this.allowance = new RateLimit(1000.0 / PERIOD, SAVED, now);
  }

  /**
   * Decides which roles apply from now on. A caller that gets other roles than it presented must
   * ask again later.
   *
   * @param current the identity in force
   * @param presented the same user, with the roles of the latest credential
   * @param now in milliseconds of the bridge's ticker
   * @return the identity from now on; {@code current} if nothing changes
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
