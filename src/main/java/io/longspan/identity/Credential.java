package io.longspan.identity;

import io.longspan.protocol.SessionEnd;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Proof of a request's identity. A Bayeux session depends on the credentials that were presented
 * for it, and is terminated when they end.
 */
public sealed interface Credential {

  /** Returns the user, with the roles that the credential gives at present. */
  Identity identity();

  /**
   * Returns whether the credential is still valid.
   *
   * @param now milliseconds since 1970
   */
  boolean isValid(long now);

  /** A name and a password, or another proof that the container checked for this request. */
  record Password(RealmUser user) implements Credential {

    /** Creates a credential that is never withdrawn, because the realm cannot be asked. */
    public Password(Identity identity) {
      this(new RealmUser(identity));
    }

    @Override
    public Identity identity() {
      return user.identity();
    }

    @Override
    public boolean isValid(long now) {
      return !user.isWithdrawn();
    }
  }

  /**
   * A bearer token with a valid signature and valid claims.
   *
   * @param issuedAt milliseconds since 1970; {@code Long.MIN_VALUE} if the token has no {@code iat}
   * @param endsAt time from which the token is rejected, in milliseconds since 1970
   */
  record Token(Identity identity, long issuedAt, long endsAt) implements Credential {
    @Override
    public boolean isValid(long now) {
      return now < endsAt;
    }

    /**
     * Returns whether this token was issued after another one. Tokens issued at the same time, or
     * without a time of issue, are compared by their end.
     */
    public boolean isNewerThan(Token other) {
      return issuedAt == other.issuedAt ? endsAt > other.endsAt : issuedAt > other.issuedAt;
    }
  }

  /**
   * The sign-in of a page, stored in its HTTP session. It ends with its {@link RealmUser}, or at a
   * deadline.
   *
   * <p>Safe for use by many threads. Listeners are called on the thread that ends the sign-in, and
   * must not block.
   */
  final class SignIn implements Credential {
    private final Set<Consumer<SessionEnd>> listeners = ConcurrentHashMap.newKeySet();
    private volatile RealmUser user;
    private volatile long endsAt;
    private volatile SessionEnd end;

    /**
     * Creates a sign-in.
     *
     * @param endsAt deadline at which the owner must end it, in milliseconds since 1970
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
    public boolean isValid(long now) {
      return end == null && !user.isWithdrawn();
    }

    /**
     * Returns whether the deadline has passed. The sign-in stays valid until {@link #end} is
     * called, so that its listeners are notified before requests are rejected.
     *
     * @param now milliseconds since 1970
     */
    public boolean hasExpired(long now) {
      return now >= endsAt;
    }

    /**
     * Extends the sign-in after the user has signed in again.
     *
     * @param newEnd new deadline, in milliseconds since 1970
     * @throws IllegalArgumentException if the user is another one
     */
    public void renew(RealmUser renewed, long newEnd) {
      if (!renewed.identity().user().equals(user.identity().user())) {
        throw new IllegalArgumentException("a sign-in belongs to one user");
      }
      user = renewed;
      endsAt = newEnd;
    }

    /**
     * Registers a listener, which is called once when the sign-in ends. If it has ended already,
     * the listener is called at once on this thread.
     */
    public void whenEnded(Consumer<SessionEnd> listener) {
      listeners.add(listener);
      SessionEnd ended = end;
      if (ended != null && listeners.remove(listener)) {
        listener.accept(ended);
      }
    }

    /** Removes a listener. */
    public void forget(Consumer<SessionEnd> listener) {
      listeners.remove(listener);
    }

    /** Ends the sign-in and calls the listeners on this thread. Further calls have no effect. */
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
