package io.longspan.security;

import io.longspan.protocol.DestinationName;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * Whose rights to what have changed, or may have (protocol section 11). Where it names neither a
 * user nor a role, everybody's have; where it names both, those of either.
 *
 * @param destination a name or a pattern; empty: every destination
 * @param user the user's name
 * @param role a role
 * @param decision narrows it to the decisions that this is true of
 */
public record RightsChange(
    Optional<DestinationName> destination,
    Optional<String> user,
    Optional<String> role,
    BiPredicate<Identity, DestinationName> decision) {

  /** A change of every decision about a destination and a user or role. */
  public RightsChange(
      Optional<DestinationName> destination, Optional<String> user, Optional<String> role) {
    this(destination, user, role, (identity, name) -> true);
  }

  /** The decisions that one catalogue makes otherwise than another. */
  public static RightsChange between(DestinationCatalogue before, DestinationCatalogue after) {
    return new RightsChange(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        (identity, name) -> !before.decidesLike(after, identity, name));
  }

  /** Everybody's rights to everything. */
  public static final RightsChange EVERYTHING =
      new RightsChange(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * Returns whether a decision about this identity and this name may have changed.
   *
   * @param name a name or a pattern
   */
  public boolean affects(Identity identity, DestinationName name) {
    return concerns(identity)
        && destination.map(changed -> overlap(changed, name)).orElse(true)
        && decision.test(identity, name);
  }

  private boolean concerns(Identity identity) {
    return (user.isEmpty() && role.isEmpty())
        || user.filter(identity.user()::equals).isPresent()
        || role.filter(identity.roles()::contains).isPresent();
  }

  /** Whether some name can match both, each of which may be a pattern. */
  private static boolean overlap(DestinationName one, DestinationName other) {
    List<String> left = one.segments();
    List<String> right = other.segments();
    for (int i = 0; i < left.size() && i < right.size(); i++) {
      String a = left.get(i);
      String b = right.get(i);
      if (a.equals(DestinationName.ANY_REST) || b.equals(DestinationName.ANY_REST)) {
        return true;
      }
      if (!a.equals(b)
          && !a.equals(DestinationName.ANY_SEGMENT)
          && !b.equals(DestinationName.ANY_SEGMENT)) {
        return false;
      }
    }
    return left.size() == right.size();
  }
}
