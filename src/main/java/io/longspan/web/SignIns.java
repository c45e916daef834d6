package io.longspan.web;

import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.protocol.SessionEnd;
import io.longspan.security.Credential.SignIn;
import io.longspan.security.RealmUser;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sign-ins of pages, each kept in its HTTP session, and charged to its user. A sign-in ends
 * with its HTTP session: when the page signs out, when the container invalidates the session, and
 * when nothing was requested with it for the session's time-out. Requests do not keep it for ever:
 * it also ends {@code session.signInLifetime} after the password was checked, when its user is
 * withdrawn ({@link RealmUser}), and when the user signs in more than {@code limits.signInsPerUser}
 * times; then the oldest ends. Containers look for time-outs only now and then (Jetty every ten
 * minutes), so {@link #sweep} does.
 *
 * <p>No request creates an HTTP session but one with a right password. Safe for use by many
 * threads; nothing here blocks.
 */
final class SignIns {
  private static final Logger LOG = LoggerFactory.getLogger(SignIns.class);
  private static final String ATTRIBUTE = "io.longspan.signIn";

  /** What an HTTP session with its sign-in was measured to need (1.1 KB), and some more. */
  private static final long BYTES = 2048;

  private final int maxPerUser;
  private final long lifetime;
  private final MemoryBudget memory;
  private final LongAdder displaced = new LongAdder();

  private final Set<Kept> all = ConcurrentHashMap.newKeySet();

  /** By user, the oldest first; a set is used within the map's own operations only. */
  private final ConcurrentMap<String, Set<Kept>> byUser = new ConcurrentHashMap<>();

  /**
   * Creates an empty registry.
   *
   * @param maxPerUser sign-ins of one user
   * @param lifetime how long a sign-in is good after its password was checked
   * @param memory the accounts of the users
   */
  SignIns(int maxPerUser, Duration lifetime, MemoryBudget memory) {
    this.maxPerUser = maxPerUser;
    this.lifetime = lifetime.toMillis();
    this.memory = memory;
  }

  /** Returns how many sign-ins have ended because their user had too many. */
  long displaced() {
    return displaced.sum();
  }

  /** Returns the sign-in that a request's HTTP session holds, and notes that it was used. */
  Optional<SignIn> find(HttpServletRequest request) {
    long now = System.currentTimeMillis();
    return kept(request.getSession(false))
        .filter(kept -> kept.isGood(now))
        .map(
            kept -> {
              kept.lastUse = now;
              return kept.signIn;
            });
  }

  /**
   * Signs a user in. The HTTP session gets a new id, so that whoever knew the old id does not know
   * the new one. A sign-in of the same user continues with the roles of now; another user's ends.
   *
   * @return false if the user's account has no room for a sign-in, not even in place of an older
   *     one; then nobody is signed in
   */
  boolean begin(HttpServletRequest request, RealmUser user) {
    long now = System.currentTimeMillis();
    Optional<Kept> before = kept(request.getSession(false));
    String name = user.identity().user();
    if (before.isPresent() && before.get().isOf(name) && before.get().isGood(now)) {
      request.changeSessionId();
      before.get().renew(user, now);
      return true;
    }
    end(request);
    Account account = memory.user(name);
    if (!charge(account)) {
      return false;
    }
    boolean kept = false;
    try {
      HttpSession session = request.getSession(true);
      // A container may give a new session the id that the browser has sent.
      request.changeSessionId();
      // Bound by the container: valueBound adds it.
      session.setAttribute(ATTRIBUTE, new Kept(new SignIn(user, now + lifetime), account, session));
      kept = true;
    } finally {
      if (!kept) {
        account.release(Purpose.SIGN_INS, BYTES);
      }
    }
    while (endOldest(name, maxPerUser)) {
      LOG.info("oldest sign-in ended user={} limit={}", user.identity().loggable(), maxPerUser);
    }
    return true;
  }

  /** A user whose own account is full gives an older sign-in up for a newer one. */
  private boolean charge(Account account) {
    return account.tryCharge(Purpose.SIGN_INS, BYTES)
        || (account.used() + BYTES > account.limit()
            && endOldest(account.holder(), 0)
            && account.tryCharge(Purpose.SIGN_INS, BYTES));
  }

  /** Ends a user's oldest sign-in, if there are more than a number of them. */
  private boolean endOldest(String user, int limit) {
    Kept[] oldest = new Kept[1];
    byUser.computeIfPresent(
        user,
        (name, kept) -> {
          if (kept.size() > limit) {
            oldest[0] = kept.iterator().next();
          }
          return kept;
        });
    if (oldest[0] == null) {
      return false;
    }
    if (oldest[0].end(SessionEnd.SIGN_IN_LIMIT)) {
      displaced.increment();
    }
    oldest[0].invalidate();
    return true;
  }

  /** Signs whoever it is out, and ends the HTTP session. */
  void end(HttpServletRequest request) {
    HttpSession session = request.getSession(false);
    if (session != null) {
      kept(session).ifPresent(kept -> kept.end(SessionEnd.LOGGED_OUT));
      session.invalidate();
    }
  }

  /**
   * Ends all sign-ins of a user. Called on any thread.
   *
   * @return how many there were
   */
  int endAll(String user) {
    int ended = 0;
    for (Kept kept : all) {
      if (kept.isOf(user)) {
        ended += kept.end(SessionEnd.CREDENTIAL_ENDED) ? 1 : 0;
        kept.invalidate();
      }
    }
    return ended;
  }

  /**
   * Ends the sign-ins that are no longer good, and those whose HTTP session's time-out has passed
   * since their last request. A request that is held counts from its beginning, and messages over a
   * WebSocket are no requests.
   *
   * @param now milliseconds since 1970
   */
  void sweep(long now) {
    for (Kept kept : all) {
      try {
        if (!kept.isGood(now) || kept.isIdle(now)) {
          kept.end(SessionEnd.CREDENTIAL_ENDED);
          kept.session.invalidate();
        }
      } catch (IllegalStateException ended) {
        kept.end(SessionEnd.CREDENTIAL_ENDED);
      }
    }
  }

  private static Optional<Kept> kept(HttpSession session) {
    return session != null && session.getAttribute(ATTRIBUTE) instanceof Kept kept
        ? Optional.of(kept)
        : Optional.empty();
  }

  /** What the HTTP session holds; a container that persists sessions leaves it out. */
  private final class Kept implements HttpSessionBindingListener {
    private final SignIn signIn;
    private final String user;
    private final Account account;
    private final HttpSession session;
    private volatile long lastUse = System.currentTimeMillis();

    Kept(SignIn signIn, Account account, HttpSession session) {
      this.signIn = signIn;
      this.user = signIn.identity().user();
      this.account = account;
      this.session = session;
    }

    boolean isOf(String name) {
      return user.equals(name);
    }

    /** Returns whether the sign-in is good; ends it if its time is over. */
    boolean isGood(long now) {
      if (signIn.hasExpired(now)) {
        end(SessionEnd.CREDENTIAL_ENDED);
      }
      return signIn.isGood(now);
    }

    /**
     * Returns whether the HTTP session has timed out.
     *
     * @throws IllegalStateException if it has ended
     */
    boolean isIdle(long now) {
      long seconds = session.getMaxInactiveInterval();
      return seconds > 0
          && now - Math.max(lastUse, session.getLastAccessedTime()) >= seconds * 1000;
    }

    /** The password was checked again: this is the user's latest sign-in now. */
    void renew(RealmUser renewed, long now) {
      lastUse = now;
      signIn.renew(renewed, now + lifetime);
      byUser.computeIfPresent(
          user,
          (name, kept) -> {
            if (kept.remove(this)) {
              kept.add(this);
            }
            return kept;
          });
    }

    @Override
    public void valueBound(HttpSessionBindingEvent event) {
      all.add(this);
      byUser.compute(
          user,
          (name, others) -> {
            Set<Kept> kept = others == null ? new LinkedHashSet<>(4) : others;
            kept.add(this);
            return kept;
          });
    }

    @Override
    public void valueUnbound(HttpSessionBindingEvent event) {
      end(SessionEnd.CREDENTIAL_ENDED);
    }

    /** Ends the sign-in; returns whether this is the first call, which alone counts. */
    private boolean end(SessionEnd reason) {
      if (!all.remove(this)) {
        return false;
      }
      byUser.computeIfPresent(
          user,
          (name, kept) -> {
            kept.remove(this);
            return kept.isEmpty() ? null : kept;
          });
      account.release(Purpose.SIGN_INS, BYTES);
      signIn.end(reason);
      return true;
    }

    private void invalidate() {
      try {
        session.invalidate();
      } catch (IllegalStateException ended) {
        LOG.debug("the HTTP session had ended", ended);
      }
    }
  }
}
