package io.longspan.bayeux;

import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.ClientSession;
import io.longspan.protocol.SessionEnd;
import io.longspan.security.Credential;
import io.longspan.security.Credential.Password;
import io.longspan.security.Credential.SignIn;
import io.longspan.security.Credential.Token;
import io.longspan.security.Identity;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.cometd.bayeux.server.ServerSession;

/**
 * How long a Bayeux session may live: it ends with the newest token that was presented for it, with
 * the latest password if the realm no longer stands by it, with any sign-in that it was used by,
 * and, where that is configured, after a time without messages. Silent listeners end too: {@link
 * #sweep} looks at tokens, passwords and idleness, and a sign-in tells of its end by itself.
 *
 * <p>Called by container threads and the scheduler. The lock guards the fields and is never held
 * around a call out.
 */
final class SessionTenure {
  private static final String ATTRIBUTE = "io.longspan.tenure";

  private final ClientSession client;
  private final BayeuxJMSBridge bridge;
  private final Consumer<SessionEnd> end;
  private final Set<SignIn> signIns = new HashSet<>(2);
  private Token newestToken;
  private Password latestPassword;
  private Credential latest;
  private boolean closed;

  /** When the client last sent or was sent a message, in milliseconds of the system's ticker. */
  private volatile long lastActivity;

  /**
   * Begins the tenure of a session that has just shaken hands.
   *
   * @param end ends the session; must not block
   * @param now milliseconds of a clock that only goes forward
   */
  SessionTenure(ClientSession client, BayeuxJMSBridge bridge, Consumer<SessionEnd> end, long now) {
    this.client = client;
    this.bridge = bridge;
    this.end = end;
    this.lastActivity = now;
  }

  static Optional<SessionTenure> of(ServerSession session) {
    return session == null
        ? Optional.empty()
        : Optional.ofNullable((SessionTenure) session.getAttribute(ATTRIBUTE));
  }

  void attachTo(ServerSession session) {
    session.setAttribute(ATTRIBUTE, this);
  }

  /**
   * Takes the credentials of a request of this session's user into account.
   *
   * @param credentials the last one says which roles the user has
   */
  void present(List<Credential> credentials) {
    for (int i = 0; i < credentials.size(); i++) {
      present(credentials.get(i), i == credentials.size() - 1);
    }
    renewRoles();
  }

  private void present(Credential credential, boolean decides) {
    SignIn fresh = null;
    synchronized (this) {
      if (closed) {
        return;
      }
      if (credential instanceof Token token) {
        if (newestToken != null && newestToken.isNewerThan(token)) {
          return; // a request that was under way when the token was renewed
        }
        newestToken = token;
      } else if (credential instanceof Password password) {
        latestPassword = password;
      } else if (credential instanceof SignIn signIn && signIns.add(signIn)) {
        fresh = signIn;
      }
      if (decides) {
        latest = credential;
      }
    }
    if (fresh != null) {
      fresh.whenEnded(end);
      if (isClosed()) {
        fresh.forget(end);
      }
    }
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  /** Gives the client the roles of the credential that was presented last. */
  private void renewRoles() {
    Identity now;
    synchronized (this) {
      now = latest == null ? client.identity() : latest.identity();
    }
    if (!now.roles().equals(client.identity().roles())) {
      bridge.renew(client, now);
    }
  }

  /** Hears that the client has sent or was sent a message; heartbeats do not count. */
  void active(long now) {
    lastActivity = now;
  }

  /**
   * Ends the session if it is due.
   *
   * @param wallClock milliseconds since 1970, which tokens go by
   * @param now milliseconds of the clock that only goes forward
   * @param idleTimeout in milliseconds; 0: never
   */
  void sweep(long wallClock, long now, long idleTimeout) {
    Token token;
    Password password;
    synchronized (this) {
      token = newestToken;
      password = latestPassword;
    }
    if (token != null && !token.isGood(wallClock)) {
      end.accept(SessionEnd.TOKEN_EXPIRED);
    } else if (password != null && !password.isGood(wallClock)) {
      end.accept(SessionEnd.CREDENTIAL_ENDED);
    } else if (idleTimeout > 0 && now - lastActivity >= idleTimeout) {
      end.accept(SessionEnd.IDLE);
    } else {
      renewRoles();
    }
  }

  /** Lets go of everything; the session has ended. */
  void close() {
    List<SignIn> left;
    synchronized (this) {
      closed = true;
      left = List.copyOf(signIns);
      signIns.clear();
    }
    left.forEach(signIn -> signIn.forget(end));
  }
}
