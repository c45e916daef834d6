package io.longspan.access;

import io.longspan.catalogue.DestinationCatalogue;
import io.longspan.identity.Identity;
import io.longspan.protocol.DestinationName;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * A change of rights (protocol section 11): the decisions that may now be different. Without a user
 * and a role it affects everyone. With both it affects users who match either one.
 *
 * @param destination a name or a pattern; empty: every destination
 * @param user name of the user
 * @param role a role
 * @param decision further condition on the affected decisions
 */
public record RightsChange(
    Optional<DestinationName> destination,
    Optional<String> user,
    Optional<String> role,
    BiPredicate<Identity, DestinationName> decision) {

  /** Creates a change without a further condition. */
  public RightsChange(
      Optional<DestinationName> destination, Optional<String> user, Optional<String> role) {
    this(destination, user, role, (identity, name) -> true);
  }

  /** Returns the change from one catalogue to another: all decisions that differ. */
  public static RightsChange between(DestinationCatalogue before, DestinationCatalogue after) {
    return new RightsChange(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        (identity, name) -> !before.decidesLike(after, identity, name));
  }

  /** All decisions. */
  public static final RightsChange EVERYTHING =
      new RightsChange(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * Returns whether the change affects decisions about this user and this name.
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

  /** Returns whether a name exists that matches both; each may be a pattern. */
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
