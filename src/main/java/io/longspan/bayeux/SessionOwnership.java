package io.longspan.bayeux;

import io.longspan.identity.Credential;
import java.util.List;
import java.util.Optional;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;

/**
 * Binds sessions to their users (protocol section 1). If a message carries the client id of another
 * user's session, the id is removed before a transport looks the session up. CometD then answers as
 * if the session did not exist. Nothing of the session is read, changed or woken.
 *
 * <p>The transports call this class, because CometD does not ask the security policy about {@code
 * /meta/connect} and {@code /meta/disconnect}. It also continues if a listener or an extension
 * throws. May be used on any thread; never blocks.
 */
final class SessionOwnership {
  private final BayeuxServer server;
  private final EndedSessions ended;

  SessionOwnership(BayeuxServer server, EndedSessions ended) {
    this.server = server;
    this.ended = ended;
  }

  /**
   * Removes the client ids that the caller may not use.
   *
   * @param messages the messages of one request; modified in place
   * @param user the user of the request, if there is one
   */
  void disownForeign(List<ServerMessage.Mutable> messages, Optional<String> user) {
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
        ? ended.isOf(clientId, user) // a terminated session, whose user may learn the reason
        : BayeuxIdentity.ofSession(session).filter(owner -> owner.user().equals(user)).isPresent();
  }

  /**
   * Presents the credentials of a request to the sessions that it names. Foreign client ids must be
   * removed before.
   */
  void present(List<Credential> credentials, List<ServerMessage.Mutable> messages) {
    String last = null;
    for (ServerMessage.Mutable message : messages) {
      String clientId = message.getClientId();
      // A request usually names one session.
      if (clientId != null && !clientId.equals(last)) {
        SessionLifetime.of(server.getSession(clientId))
            .ifPresent(lifetime -> lifetime.present(credentials));
        last = clientId;
      }
    }
  }
}
