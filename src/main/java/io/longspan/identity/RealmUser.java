package io.longspan.identity;

import io.longspan.identity.UserDirectory.Entry;
import java.util.Optional;

/**
 * A user whom the container's realm has authenticated. Sign-ins of pages, WebSockets and Bayeux
 * sessions refer to it.
 *
 * <p>They get new roles when the realm changes them. They end when this object is withdrawn: the
 * realm has removed the user or changed the password, or an operator has disconnected the user. A
 * later authentication creates a new object.
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
      throw new IllegalArgumentException("a realm user cannot become another user");
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
