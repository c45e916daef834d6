package io.longspan.bayeux;

import io.longspan.security.Identity;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.cometd.bayeux.server.BayeuxContext;
import org.cometd.bayeux.server.ServerSession;

/** Finds who a request comes from, and whom a session belongs to. */
public final class BayeuxIdentity {
  /** The request attribute in which the authentication filter leaves the identity. */
  public static final String REQUEST_ATTRIBUTE = "io.longspan.identity";

  private static final String SESSION_ATTRIBUTE = "io.longspan.owner";

  private BayeuxIdentity() {}

  static Optional<Identity> ofRequest(BayeuxContext context) {
    return context != null && context.getRequestAttribute(REQUEST_ATTRIBUTE) instanceof Identity i
        ? Optional.of(i)
        : Optional.empty();
  }

  /** Returns where a request comes from, as {@code address:port}, whatever the transport. */
  static String remoteAddress(BayeuxContext context) {
    return context.getRemoteAddress() instanceof InetSocketAddress address
        ? address.getHostString() + ":" + address.getPort()
        : "-";
  }

  static Optional<Identity> ofSession(ServerSession session) {
    return Optional.ofNullable((Identity) session.getAttribute(SESSION_ATTRIBUTE));
  }

  /** Binds a session to the user that did its handshake, for good. */
  static void bind(ServerSession session, Identity identity) {
    session.setAttribute(SESSION_ATTRIBUTE, identity);
  }
}
