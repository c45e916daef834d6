package io.longspan.bayeux;

import io.longspan.identity.Credential;
import io.longspan.identity.Identity;
import java.util.List;
import java.util.Optional;
import org.cometd.bayeux.server.BayeuxContext;
import org.cometd.bayeux.server.ServerMessage;

/** Checks and prepares every request of both transports before CometD looks a session up. */
final class RequestAdmission {
  private final MessageTokens tokens;
  private final SessionOwnership ownership;
  private final ClientAdvice advice;
  private final BayeuxRequestLog requestLog;

  RequestAdmission(
      MessageTokens tokens,
      SessionOwnership ownership,
      ClientAdvice advice,
      BayeuxRequestLog requestLog) {
    this.tokens = tokens;
    this.ownership = ownership;
    this.advice = advice;
    this.requestLog = requestLog;
  }

  /** The result of the checks. */
  enum Outcome {
    /** CometD may handle the messages. */
    ADMITTED,
    /** A part of the request is not a Bayeux message. Nothing was logged or changed. */
    MALFORMED,
    /** The request contains too many messages. Nothing was logged or changed. */
    TOO_LARGE
  }

  /**
   * Prepares a request: validates the envelope, removes tokens and foreign client ids, logs the
   * request, presents the credentials to the sessions, and limits the client's advice. Called on a
   * thread of the container or of CometD. May block for a bounded time while the keys of a token
   * are fetched.
   *
   * @param transport the name of the transport
   * @param messages the messages of one request; modified in place
   * @param caller the sender of the request
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
    Optional<String> user = BayeuxIdentity.of(credentials).map(Identity::user);
    requestLog.received(transport, () -> BayeuxIdentity.remoteAddress(caller), user, messages);
    ownership.disownForeign(messages, user);
    ownership.present(credentials, messages);
    advice.bound(messages);
    return Outcome.ADMITTED;
  }
}
