package io.longspan.web;

import io.longspan.protocol.SessionEnd;
import io.longspan.security.Credential.SignIn;
import io.longspan.security.Identity;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import jakarta.servlet.http.HttpSessionBindingEvent;
import jakarta.servlet.http.HttpSessionBindingListener;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The sign-ins of pages, each kept in its HTTP session, and ended with it: when the page signs out,
 * when something else invalidates the session, and when its time-out has passed. Containers look
 * for the last only now and then (Jetty every ten minutes), so {@link #sweep} does.
 *
 * <p>Safe for use by many threads; nothing here blocks.
 */
final class SignIns {
  private static final String ATTRIBUTE = "io.longspan.signIn";

  private final Set<Kept> all = ConcurrentHashMap.newKeySet();

  /** Returns the sign-in that a request's HTTP session holds, and notes that it was used. */
  Optional<SignIn> find(HttpServletRequest request) {
    return kept(request.getSession(false))
        .filter(kept -> kept.signIn.isGood(System.currentTimeMillis()))
        .map(
            kept -> {
              kept.lastUse = System.currentTimeMillis();
              return kept.signIn;
            });
  }

  /**
   * Signs a user in. The HTTP session gets a new id, so that nobody knows it who knew the one
   * before. The same user's sign-in goes on with the roles of now; another user's ends.
   */
  void begin(HttpServletRequest request, Identity identity) {
    HttpSession old = request.getSession(false);
    Optional<Kept> kept = kept(old);
    if (kept.isPresent() && kept.get().signIn.identity().user().equals(identity.user())) {
      request.changeSessionId();
      kept.get().lastUse = System.currentTimeMillis();
      kept.get().signIn.renew(identity);
      return;
    }
    end(request);
    HttpSession session = request.getSession(true);
    // A container may give a new session the id that the browser has sent.
    request.changeSessionId();
    session.setAttribute(ATTRIBUTE, new Kept(new SignIn(identity), session));
  }

  /** Signs whoever it is out, and ends the HTTP session. */
  void end(HttpServletRequest request) {
    HttpSession session = request.getSession(false);
    if (session != null) {
      kept(session).ifPresent(kept -> kept.signIn.end(SessionEnd.LOGGED_OUT));
      session.invalidate();
    }
  }

  /**
   * Ends the HTTP sessions whose time-out has passed since their last request. A request that is
   * held counts from its beginning, and messages over a WebSocket are no requests.
   *
   * @param now milliseconds since 1970
   */
  void sweep(long now) {
    for (Kept kept : all) {
      try {
        long seconds = kept.session.getMaxInactiveInterval();
        long lastUse = Math.max(kept.lastUse, kept.session.getLastAccessedTime());
        if (seconds > 0 && now - lastUse >= seconds * 1000) {
          kept.end();
          kept.session.invalidate();
        }
      } catch (IllegalStateException ended) {
        kept.end();
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
    private final HttpSession session;
    private volatile long lastUse = System.currentTimeMillis();

    Kept(SignIn signIn, HttpSession session) {
      this.signIn = signIn;
      this.session = session;
    }

    @Override
    public void valueBound(HttpSessionBindingEvent event) {
      all.add(this);
    }

    @Override
    public void valueUnbound(HttpSessionBindingEvent event) {
      end();
    }

    /** Counts only where nothing else has ended the sign-in before. */
    private void end() {
      all.remove(this);
      signIn.end(SessionEnd.CREDENTIAL_ENDED);
    }
  }
}
