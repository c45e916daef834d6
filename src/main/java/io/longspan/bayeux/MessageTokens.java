package io.longspan.bayeux;

import io.longspan.identity.Credential.Token;
import io.longspan.identity.TokenVerifier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cometd.bayeux.server.ServerMessage;

/**
 * Handles tokens in messages ({@code ext.token}). Browsers need them on a WebSocket, because they
 * cannot send headers there.
 *
 * <p>The token is removed before other code sees the message. A message is rejected if its token is
 * invalid or belongs to another user than the connection. Its other credentials do not matter then.
 * Over long polling a token in a message is removed and ignored, because each request is
 * authenticated by its header.
 */
final class MessageTokens {
  private static final String FIELD = "token";

  /** Replaces a rejected token. No value parsed from JSON equals it. */
  private static final Object REFUSED = new Object();

  private final Optional<TokenVerifier> verifier;

  MessageTokens(Optional<TokenVerifier> verifier) {
    this.verifier = verifier;
  }

  /**
   * Removes the tokens from the messages of a request, and validates them over WebSocket. May block
   * for a bounded time while the issuer's keys are fetched.
   *
   * @param messages the messages; modified in place
   * @param caller the WebSocket connection; empty for long polling
   */
  void take(List<ServerMessage.Mutable> messages, Optional<WebSocketCaller> caller) {
    boolean first = true;
    for (ServerMessage.Mutable message : messages) {
      Map<String, Object> ext = message.getExt();
      if (ext == null || !ext.containsKey(FIELD)) {
        continue;
      }
      Object given = ext.remove(FIELD);
      if (caller.isPresent()) {
        // Only one token per request is accepted, because validation is expensive.
        if (!(first && isAccepted(given, caller.get()))) {
          ext.put(FIELD, REFUSED);
        }
        first = false;
      }
    }
  }

  private boolean isAccepted(Object given, WebSocketCaller caller) {
    if (!(given instanceof String text)) {
      return false;
    }
    Optional<Token> token = verifier.flatMap(v -> v.verify(text));
    return token.isPresent() && caller.adopt(token.get());
  }

  /** Returns whether the message had a rejected token. */
  static boolean isRefused(ServerMessage message) {
    Map<String, Object> ext = message.getExt();
    return ext != null && ext.get(FIELD) == REFUSED;
  }
}
