package io.longspan.security;

import io.longspan.security.UserDirectory.Entry;
import java.util.Optional;

/**
 * A user whom the container's realm has authenticated with a password. Sign-ins of pages,
 * WebSockets and Bayeux sessions refer to it.
 *
 * <p>When the realm changes the roles, they get the new roles. When the realm removes the user or
 * changes the password, or an operator disconnects the user, this object is withdrawn and they end.
 * A later authentication creates a new object.
 *
 * <p>Safe for use by many threads.
 */
public final class RealmUser {
  private volatile Identity identity;

  /** Entry of the realm's directory; empty if the realm cannot be asked. */
  private volatile Optional<Entry> entry;

  private volatile boolean withdrawn;

  /** Creates a user of a realm that cannot be asked. */
  public RealmUser(Identity identity) {
    this(identity, Optional.empty());
  }

  RealmUser(Identity identity, Optional<Entry> entry) {
    this.identity = identity;
    this.entry = entry;
  }

  /** Returns the user with the roles that the realm named last. */
  public Identity identity() {
    return identity;
  }

  /** Returns whether credentials that refer to this user are invalid. */
  public boolean isWithdrawn() {
    return withdrawn;
  }

  Optional<Entry> entry() {
    return entry;
  }

  void renew(Identity renewed, Optional<Entry> now) {
    if (!renewed.user().equals(identity.user())) {
      throw new IllegalArgumentException("a realm user is one user");
    }
    entry = now;
    if (!renewed.roles().equals(identity.roles())) {
      identity = renewed;
    }
  }

  void withdraw() {
    withdrawn = true;
  }
}
