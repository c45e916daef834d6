package io.longspan.bayeux;

import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.ClientSession;
import io.longspan.identity.Credential;
import io.longspan.identity.Credential.Password;
import io.longspan.identity.Credential.SignIn;
import io.longspan.identity.Credential.Token;
import io.longspan.identity.Identity;
import io.longspan.protocol.SessionEnd;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.cometd.bayeux.server.ServerSession;

/**
 * Decides how long a Bayeux session lives. The session is terminated in these cases:
 *
 * <ul>
 *   <li>the newest token presented for it expires;
 *   <li>the realm withdraws the latest password presented for it;
 *   <li>one of its sign-ins ends;
 *   <li>it is idle for {@code session.idleTimeout}, if that is set.
 * </ul>
 *
 * <p>A sign-in notifies this object. {@link #sweep} checks the other cases, also for clients that
 * send nothing. Called by container threads and the scheduler. The lock guards the fields and is
 * never held during a call out.
 */
final class SessionLifetime {
  private static final String ATTRIBUTE = "io.longspan.lifetime";

  private final ClientSession client;
  private final BayeuxJMSBridge bridge;
  private final Consumer<SessionEnd> end;
  private final Set<SignIn> signIns = new HashSet<>(2);
  private Token newestToken;
  private Password latestPassword;
  private Credential latest;
  private boolean closed;

  /** When the client last sent or received a message, in milliseconds of the bridge's ticker. */
  private volatile long lastActivity;

  /**
   * Begins the lifetime of a session after its handshake.
   *
   * @param end terminates the session; must not block
   * @param now the time of the bridge's ticker, in milliseconds
   */
  SessionLifetime(
      ClientSession client, BayeuxJMSBridge bridge, Consumer<SessionEnd> end, long now) {
    this.client = client;
    this.bridge = bridge;
    this.end = end;
    this.lastActivity = now;
  }

  static Optional<SessionLifetime> of(ServerSession session) {
    return session == null
        ? Optional.empty()
        : Optional.ofNullable((SessionLifetime) session.getAttribute(ATTRIBUTE));
  }

  void attachTo(ServerSession session) {
    session.setAttribute(ATTRIBUTE, this);
  }

  /**
   * Adds the credentials of a request to the session. They must be of the session's user.
   *
   * @param credentials the credentials; the last one decides the user's roles
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
          return; // the request was in progress when the token was renewed
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

  /**
   * Records that the client has sent or received a message. Heartbeats do not count.
   *
   * @param now the time of the bridge's ticker, in milliseconds
   */
  void active(long now) {
    lastActivity = now;
  }

  /**
   * Terminates the session if it is due; otherwise renews its roles. Does nothing if the session
   * has ended.
   *
   * @param wallClock milliseconds since 1970, by which tokens expire
   * @param now the time of the bridge's ticker, in milliseconds
   * @param idleTimeout in milliseconds; 0 disables it
   */
  void sweep(long wallClock, long now, long idleTimeout) {
    Token token;
    Password password;
    synchronized (this) {
      if (closed) {
        return;
      }
      token = newestToken;
      password = latestPassword;
    }
    if (token != null && !token.isValid(wallClock)) {
      end.accept(SessionEnd.TOKEN_EXPIRED);
    } else if (password != null && !password.isValid(wallClock)) {
      end.accept(SessionEnd.CREDENTIAL_ENDED);
    } else if (idleTimeout > 0 && now - lastActivity >= idleTimeout) {
      end.accept(SessionEnd.IDLE);
    } else {
      renewRoles();
    }
  }

  /** Unregisters from the sign-ins, because the session has ended. Idempotent. */
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
