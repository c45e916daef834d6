package io.longspan.authentication;

import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import io.longspan.concurrent.PartialSweep;
import io.longspan.identity.Credential.SignIn;
import io.longspan.identity.RealmUser;
import io.longspan.protocol.SessionEnd;
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
 * Sign-ins of pages. Each is an attribute of its HTTP session and charged to its user.
 *
 * <p>A sign-in ends with its HTTP session: when the page signs out, when the container invalidates
 * the session, or when no request has used it for the session's timeout. It also ends in these
 * cases:
 *
 * <ul>
 *   <li>{@code session.signInLifetime} has passed since its password was checked;
 *   <li>its user is withdrawn ({@link RealmUser});
 *   <li>the user exceeds {@code limits.signInsPerUser}, and this is the oldest one.
 * </ul>
 *
 * <p>Containers check timeouts rarely (Jetty every ten minutes), so {@link #sweep} does. Only a
 * request with a right password creates an HTTP session. Safe for use by many threads; nothing
 * blocks.
 */
public final class SignIns {
  private static final Logger LOG = LoggerFactory.getLogger(SignIns.class);
  private static final String ATTRIBUTE = "io.longspan.signIn";

  /** Memory of an HTTP session with its sign-in (measured: 1.1 KB) with a margin, in bytes. */
  private static final long BYTES = 2048;

  /** In so many calls of {@link #sweep} each of many sign-ins is checked. */
  private static final int SWEEP_PARTS = 4;

  private final int maxPerUser;
  private final long lifetime;
  private final MemoryBudget memory;
  private final LongAdder displaced = new LongAdder();

  private final Set<Kept> all = ConcurrentHashMap.newKeySet();
  private final PartialSweep<Kept> sweep = new PartialSweep<>(() -> all, SWEEP_PARTS);

  /** By user, oldest first; a set is only used inside atomic operations of the map. */
  private final ConcurrentMap<String, Set<Kept>> byUser = new ConcurrentHashMap<>();

  /**
   * Creates an empty registry.
   *
   * @param maxPerUser maximum number of sign-ins of one user
   * @param lifetime how long a sign-in is valid after its password was checked
   * @param memory accounts of the users
   */
  public SignIns(int maxPerUser, Duration lifetime, MemoryBudget memory) {
    this.maxPerUser = maxPerUser;
    this.lifetime = lifetime.toMillis();
    this.memory = memory;
  }

  /** Returns how many sign-ins were ended for newer ones of their user. */
  public long displaced() {
    return displaced.sum();
  }

  /** Returns the valid sign-in in a request's HTTP session, and records its use. */
  public Optional<SignIn> find(HttpServletRequest request) {
    long now = System.currentTimeMillis();
    return kept(request.getSession(false))
        .filter(kept -> kept.isValid(now))
        .map(
            kept -> {
              kept.lastUse = now;
              return kept.signIn;
            });
  }

  /**
   * Signs a user in. The HTTP session gets a new id, so the old id is useless to others who know
   * it. An existing sign-in of the same user is extended and gets the current roles; another user's
   * is ended.
   *
   * @return false if the account has no room, even after ending an older sign-in; nobody is signed
   *     in then
   */
  public boolean begin(HttpServletRequest request, RealmUser user) {
    long now = System.currentTimeMillis();
    Optional<Kept> before = kept(request.getSession(false));
    String name = user.identity().user();
    if (before.isPresent() && before.get().isOf(name) && before.get().isValid(now)) {
      request.changeSessionId();
      before.get().renew(user, now);
      return true;
    }
    Account account = memory.user(name);
    if (!charge(account)) {
      return false;
    }
    boolean kept = false;
    try {
      end(request);
      HttpSession session = request.getSession(true);
      // A container may reuse the session id that the browser has sent.
      request.changeSessionId();
      // The container calls valueBound, which registers the sign-in.
      session.setAttribute(ATTRIBUTE, new Kept(new SignIn(user, now + lifetime), account, session));
      kept = true;
    } finally {
      if (!kept) {
        account.release(Purpose.SIGN_INS, BYTES);
      }
    }
    while (endOldest(name, maxPerUser)) {
      LOG.info(
          "oldest sign-in ended, its user has too many user={} limit={}",
          user.identity().loggable(),
          maxPerUser);
    }
    return true;
  }

  /** If the user's own account is full, the oldest sign-in makes room. */
  private boolean charge(Account account) {
    return account.tryCharge(Purpose.SIGN_INS, BYTES)
        || (account.used() + BYTES > account.limit()
            && endOldest(account.holder(), 0)
            && account.tryCharge(Purpose.SIGN_INS, BYTES));
  }

  /** Ends a user's oldest sign-in if there are more than {@code limit}. */
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

  /** Signs the request's user out, and ends the HTTP session. */
  public void end(HttpServletRequest request) {
    HttpSession session = request.getSession(false);
    if (session != null) {
      kept(session).ifPresent(kept -> kept.end(SessionEnd.LOGGED_OUT));
      session.invalidate();
    }
  }

  /**
   * Ends all sign-ins of a user. Called on any thread; does not block.
   *
   * @return number of ended sign-ins
   */
  public int endAll(String user) {
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
   * Ends the sign-ins that are invalid, and those whose HTTP session has timed out since its last
   * request. A held request counts from its start. WebSocket messages do not count as requests.
   *
   * @param now milliseconds since 1970
   */
  public void sweepAll(long now) {
    sweep.all(kept -> sweep(kept, now));
  }

  /**
   * Checks a part of the sign-ins as {@link #sweepAll} does. Call it several times a second, on the
   * same thread.
   *
   * @param now milliseconds since 1970
   */
  public void sweep(long now) {
    sweep.next(kept -> sweep(kept, now));
  }

  private static void sweep(Kept kept, long now) {
    try {
      if (!kept.isValid(now) || kept.isIdle(now)) {
        kept.end(SessionEnd.CREDENTIAL_ENDED);
        kept.session.invalidate();
      }
    } catch (IllegalStateException ended) {
      kept.end(SessionEnd.CREDENTIAL_ENDED);
    }
  }

  private static Optional<Kept> kept(HttpSession session) {
    return session != null && session.getAttribute(ATTRIBUTE) instanceof Kept kept
        ? Optional.of(kept)
        : Optional.empty();
  }

  /** Session attribute. It is not serializable, so a container that persists sessions omits it. */
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

    /** Returns whether the sign-in is valid; ends it if it has expired. */
    boolean isValid(long now) {
      if (signIn.hasExpired(now)) {
        end(SessionEnd.CREDENTIAL_ENDED);
      }
      return signIn.isValid(now);
    }

    /**
     * Returns whether the HTTP session has timed out.
     *
     * @throws IllegalStateException if the session is invalid
     */
    boolean isIdle(long now) {
      long seconds = session.getMaxInactiveInterval();
      return seconds > 0
          && now - Math.max(lastUse, session.getLastAccessedTime()) >= seconds * 1000;
    }

    /** Extends the sign-in after another password check, and makes it the user's newest one. */
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

    /** Ends the sign-in. Only the first call has an effect and returns true. */
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
        LOG.debug("the HTTP session has already ended", ended);
      }
    }
  }
}
