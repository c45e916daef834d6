package io.longspan.bayeux;

import java.util.List;
import org.cometd.bayeux.server.BayeuxContext;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;

/**
 * Binds sessions to their users (protocol section 1): a message that carries the client id of
 * another user's session loses it before any transport looks the session up. CometD then answers as
 * if there were no such session, and nothing of the session is read, changed or woken.
 *
 * <p>It runs in the transports, because CometD asks no policy about {@code /meta/connect} and
 * {@code /meta/disconnect}, and carries on when a listener or an extension throws.
 */
final class SessionOwnership {
  private final BayeuxServer server;

  SessionOwnership(BayeuxServer server) {
    this.server = server;
  }

  /**
   * Takes the client ids away that the caller has no right to use.
   *
   * @param messages the messages of one request, changed in place
   * @param caller where the request comes from
   */
  void disownForeign(List<ServerMessage.Mutable> messages, BayeuxContext caller) {
    for (ServerMessage.Mutable message : messages) {
      String clientId = message.getClientId();
      if (clientId != null && !mayUse(server.getSession(clientId), caller)) {
        message.setClientId(null);
      }
    }
  }

  private static boolean mayUse(ServerSession session, BayeuxContext caller) {
    return session != null
        && BayeuxIdentity.ofSession(session)
            .flatMap(
                owner ->
                    BayeuxIdentity.ofRequest(caller)
                        .filter(identity -> identity.user().equals(owner.user())))
            .isPresent();
  }
}
