package io.longspan.bayeux;

import io.longspan.security.Identity;
import java.util.List;
import org.cometd.bayeux.server.BayeuxContext;
import org.cometd.bayeux.server.ServerMessage;

/** What happens to every request, on either transport, before any session is looked up. */
final class RequestIntake {
  private final SessionOwnership ownership;
  private final BayeuxRequestLog requestLog;

  RequestIntake(SessionOwnership ownership, BayeuxRequestLog requestLog) {
    this.ownership = ownership;
    this.requestLog = requestLog;
  }

  /**
   * Checks the envelope, logs the request and binds it to its user.
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
    requestLog.received(
        transport,
        BayeuxIdentity.remoteAddress(caller),
        BayeuxIdentity.ofRequest(caller).map(Identity::user),
        messages);
    ownership.disownForeign(messages, caller);
    return true;
  }
}
