package io.longspan.bayeux;

import io.longspan.security.Credential;
import io.longspan.security.Identity;
import java.util.List;
import java.util.Optional;
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
  private final EndedSessions ended;

  SessionOwnership(BayeuxServer server, EndedSessions ended) {
    this.server = server;
    this.ended = ended;
  }

  /**
   * Takes the client ids away that the caller has no right to use.
   *
   * @param messages the messages of one request, changed in place
   * @param caller where the request comes from
   */
  void disownForeign(List<ServerMessage.Mutable> messages, BayeuxContext caller) {
    Optional<String> user = BayeuxIdentity.ofRequest(caller).map(Identity::user);
    for (ServerMessage.Mutable message : messages) {
      String clientId = message.getClientId();
      if (clientId != null && user.filter(u -> mayUse(clientId, u)).isEmpty()) {
        message.setClientId(null);
      }
    }
  }

  private boolean mayUse(String clientId, String user) {
    ServerSession session = server.getSession(clientId);
    return session == null
        ? ended.isOf(clientId, user) // no session, but its user may hear why
        : BayeuxIdentity.ofSession(session).filter(owner -> owner.user().equals(user)).isPresent();
  }

  /** Tells the sessions of a request what it was proved with; their foreign ids are gone by now. */
  void present(List<Credential> credentials, List<ServerMessage.Mutable> messages) {
    messages.stream()
        .map(ServerMessage::getClientId)
        .filter(clientId -> clientId != null)
        .distinct()
        .flatMap(clientId -> SessionTenure.of(server.getSession(clientId)).stream())
        .forEach(tenure -> tenure.present(credentials));
  }
}
