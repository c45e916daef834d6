package io.longspan.security;

import io.longspan.protocol.SessionEnd;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * What proves who a request comes from. A Bayeux session rests on the credentials that were
 * presented for it, and ends with them.
 */
public sealed interface Credential {

  /** Returns the user, with the roles that the credential gives at present. */
  Identity identity();

  /**
   * Returns whether the credential still proves anything.
   *
   * @param now milliseconds since 1970
   */
  boolean isGood(long now);

  /** A name and a password, or whatever else the container has checked for this one request. */
  record Password(RealmUser user) implements Credential {

    /** Creates a credential that nothing withdraws. */
    public Password(Identity identity) {
      this(new RealmUser(identity));
    }

    @Override
    public Identity identity() {
      return user.identity();
    }

    @Override
    public boolean isGood(long now) {
      return !user.isWithdrawn();
    }
  }

  /**
   * A bearer token whose signature and claims were checked.
   *
   * @param issuedAt milliseconds since 1970; {@code Long.MIN_VALUE} where the token does not tell
   * @param endsAt from when on it is not believed any more, in milliseconds since 1970
   */
  record Token(Identity identity, long issuedAt, long endsAt) implements Credential {
    @Override
    public boolean isGood(long now) {
      return now < endsAt;
    }

    /** Returns whether this token was issued later, or, where that is not known, lasts longer. */
    public boolean isNewerThan(Token other) {
      return issuedAt == other.issuedAt ? endsAt > other.endsAt : issuedAt > other.issuedAt;
    }
  }

  /**
   * A sign-in of a page, kept in its HTTP session. It rests on what the realm said of its user, and
   * ends at a fixed time. Many threads use it; its listeners are called on the thread that ends it
   * and must not block.
   */
  final class SignIn implements Credential {
    private final Set<Consumer<SessionEnd>> listeners = ConcurrentHashMap.newKeySet();
    private volatile RealmUser user;
    private volatile long endsAt;
    private volatile SessionEnd end;

    /**
     * Creates a sign-in that has just begun.
     *
     * @param endsAt from when on it has to be ended, in milliseconds since 1970
     */
    public SignIn(RealmUser user, long endsAt) {
      this.user = user;
      this.endsAt = endsAt;
    }

    @Override
    public Identity identity() {
      return user.identity();
    }

    @Override
    public boolean isGood(long now) {
      return end == null && !user.isWithdrawn();
    }

    /**
     * Returns whether it has lasted for as long as it may. It is good until {@link #end} is called,
     * so that what rests on it is told before it is refused.
     *
     * @param now milliseconds since 1970
     */
    public boolean hasExpired(long now) {
      return now >= endsAt;
    }

    /** Continues a sign-in whose user has signed in again. */
    public void renew(RealmUser renewed, long newEnd) {
      if (!renewed.identity().user().equals(user.identity().user())) {
        throw new IllegalArgumentException("a sign-in belongs to one user");
      }
      user = renewed;
      endsAt = newEnd;
    }

    /** Calls a listener once, when the sign-in ends; at once if it has. */
    public void whenEnded(Consumer<SessionEnd> listener) {
      listeners.add(listener);
      SessionEnd ended = end;
      if (ended != null && listeners.remove(listener)) {
        listener.accept(ended);
      }
    }

    /** Forgets a listener. */
    public void forget(Consumer<SessionEnd> listener) {
      listeners.remove(listener);
    }

    /** Ends the sign-in and what rests on it. Only the first call counts. */
    public void end(SessionEnd reason) {
      synchronized (this) {
        if (end != null) {
          return;
        }
        end = reason;
      }
      for (Consumer<SessionEnd> listener : listeners) {
        if (listeners.remove(listener)) {
          listener.accept(reason);
        }
      }
    }
  }
}
