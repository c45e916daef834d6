package io.longspan.bayeux;

import io.longspan.security.Credential;
import io.longspan.security.Identity;
import java.util.List;
import java.util.Optional;
import org.cometd.bayeux.server.BayeuxContext;
import org.cometd.bayeux.server.ServerMessage;

/** What happens to every request, on either transport, before any session is looked up. */
final class RequestIntake {
  private final MessageTokens tokens;
  private final SessionOwnership ownership;
  private final BayeuxRequestLog requestLog;

  RequestIntake(MessageTokens tokens, SessionOwnership ownership, BayeuxRequestLog requestLog) {
    this.tokens = tokens;
    this.ownership = ownership;
    this.requestLog = requestLog;
  }

  /**
   * Checks the envelope, takes tokens out, logs the request and binds it to its user. May wait a
   * bounded time for the keys of a token.
   *
   * @param transport the transport's name
   * @param messages the messages of one request, changed in place
   * @param caller where the request comes from
   * @return whether CometD may handle the messages; nothing was logged or changed otherwise
   */
  boolean admit(String transport, List<ServerMessage.Mutable> messages, BayeuxContext caller) {
    if (!BayeuxEnvelope.isWellFormed(messages)) {
      return false;
    }
    tokens.take(messages, caller instanceof WebSocketCaller w ? Optional.of(w) : Optional.empty());
    List<Credential> credentials = BayeuxIdentity.credentialsOf(caller);
    requestLog.received(
        transport,
        BayeuxIdentity.remoteAddress(caller),
        BayeuxIdentity.ofRequest(caller).map(Identity::user),
        messages);
    ownership.disownForeign(messages, caller);
    ownership.present(credentials, messages);
    return true;
  }
}
