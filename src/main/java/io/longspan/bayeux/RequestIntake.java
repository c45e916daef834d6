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
  private final ClientAdvice advice;
  private final BayeuxRequestLog requestLog;

  RequestIntake(
      MessageTokens tokens,
      SessionOwnership ownership,
      ClientAdvice advice,
      BayeuxRequestLog requestLog) {
    this.tokens = tokens;
    this.ownership = ownership;
    this.advice = advice;
    this.requestLog = requestLog;
  }

  /** What became of a request. */
  enum Outcome {
    /** CometD may handle the messages. */
    ADMITTED,
    /** It holds something that is no Bayeux message; nothing was logged or changed. */
    MALFORMED,
    /** It holds too many messages; nothing was logged or changed. */
    TOO_LARGE
  }

  /**
   * Checks the envelope, takes tokens out, logs the request and binds it to its user. May wait a
   * bounded time for the keys of a token.
   *
   * @param transport the transport's name
   * @param messages the messages of one request, changed in place
   * @param caller where the request comes from
   */
  Outcome admit(String transport, List<ServerMessage.Mutable> messages, BayeuxContext caller) {
    if (!BayeuxEnvelope.isWellFormed(messages)) {
      return Outcome.MALFORMED;
    }
    if (messages.size() > TransportLimits.MESSAGES_PER_REQUEST) {
      return Outcome.TOO_LARGE;
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
    advice.bound(messages);
    return Outcome.ADMITTED;
  }
}
