package io.longspan.bayeux;

import io.longspan.identity.Credential;
import io.longspan.identity.Identity;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.cometd.bayeux.server.BayeuxContext;
import org.cometd.bayeux.server.ServerSession;

/**
 * Finds the user of a request and the owner of a session. May be used on any thread; never blocks.
 */
public final class BayeuxIdentity {
  /** The request attribute in which the authentication filter stores the {@link Credential}. */
  public static final String REQUEST_ATTRIBUTE = "io.longspan.credential";

  private static final String SESSION_ATTRIBUTE = "io.longspan.owner";
  private static final String BOUND_ATTRIBUTE = "io.longspan.handshakeCredentials";

  private BayeuxIdentity() {}

  /**
   * Returns the credentials of a request, all of one user. Empty if there is none, or if one of
   * them is no longer valid.
   */
  static List<Credential> credentialsOf(BayeuxContext context) {
    List<Credential> credentials = List.of();
    if (context instanceof WebSocketCaller caller) {
      credentials = caller.credentials();
    } else if (context != null
        && context.getRequestAttribute(REQUEST_ATTRIBUTE) instanceof Credential one) {
      credentials = List.of(one);
    }
    long now = System.currentTimeMillis();
    for (Credential credential : credentials) {
      if (!credential.isValid(now)) {
        return List.of();
      }
    }
    return credentials;
  }

  static Optional<Identity> ofRequest(BayeuxContext context) {
    return of(credentialsOf(context));
  }

  /** Returns the identity that the newest of a request's credentials gives. */
  static Optional<Identity> of(List<Credential> credentials) {
    return credentials.isEmpty()
        ? Optional.empty()
        : Optional.of(credentials.get(credentials.size() - 1).identity());
  }

  /**
   * Returns the remote address as {@code address:port}, for both transports; {@code -} if it is
   * unknown.
   */
  static String remoteAddress(BayeuxContext context) {
    return context.getRemoteAddress() instanceof InetSocketAddress address
        ? address.getHostString() + ":" + address.getPort()
        : "-";
  }

  static Optional<Identity> ofSession(ServerSession session) {
    return Optional.ofNullable((Identity) session.getAttribute(SESSION_ATTRIBUTE));
  }

  /**
   * Binds a session to the user of its handshake, permanently.
   *
   * @param credentials the credentials of the handshake, for {@link #boundCredentials}
   */
  static void bind(ServerSession session, Identity identity, List<Credential> credentials) {
    session.setAttribute(SESSION_ATTRIBUTE, identity);
    session.setAttribute(BOUND_ATTRIBUTE, credentials);
  }

  /** Removes and returns the handshake's credentials. */
  @SuppressWarnings("unchecked") // only bind sets it
  static List<Credential> boundCredentials(ServerSession session) {
    return (List<Credential>) session.removeAttribute(BOUND_ATTRIBUTE);
  }
}
