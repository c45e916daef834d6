package io.longspan.security;

import io.longspan.security.UserDirectory.Entry;
import java.util.Optional;

/**
 * A user whom the container's realm has let in. Everything that rests on this refers to it:
 * sign-ins of pages, WebSockets, Bayeux sessions. They get other roles when the realm names other
 * roles, and end when this is withdrawn: the user was removed from the realm, has another password,
 * or was disconnected by an operator. Whoever then shows a right password begins with another one.
 *
 * <p>Safe for use by many threads.
 */
public final class RealmUser {
  private volatile Identity identity;

  /** What the realm's directory said; empty where the realm cannot be asked. */
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

  /** Returns the user with the roles that the realm has named last. */
  public Identity identity() {
    return identity;
  }

  /** Returns whether nothing that rests on this is good any more. */
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
