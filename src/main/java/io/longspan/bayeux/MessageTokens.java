package io.longspan.bayeux;

import io.longspan.security.Credential.Token;
import io.longspan.security.TokenVerifier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cometd.bayeux.server.ServerMessage;

/**
 * Tokens that come in messages ({@code ext.token}), where a browser cannot send headers: on a
 * WebSocket. The token leaves the message before anything else sees it. A token that is not
 * believed, or is another user's than the connection's, makes its message refused, whatever else
 * the connection may do.
 *
 * <p>Over long polling only the header counts: each request proves itself there.
 */
final class MessageTokens {
  private static final String FIELD = "token";

  /** Put in a token's place; nothing that was parsed from JSON can equal it. */
  private static final Object REFUSED = new Object();

  private final Optional<TokenVerifier> verifier;

  MessageTokens(Optional<TokenVerifier> verifier) {
    this.verifier = verifier;
  }

  /**
   * Takes the tokens out of the messages of a request, and over WebSocket believes or refuses them.
   * May wait a bounded time for the issuer's keys.
   *
   * @param caller the connection; empty over long polling
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
        // One token for a request: what is looked at costs time.
        if (!(first && isBelieved(given, caller.get()))) {
          ext.put(FIELD, REFUSED);
        }
        first = false;
      }
    }
  }

  private boolean isBelieved(Object given, WebSocketCaller caller) {
    if (!(given instanceof String text)) {
      return false;
    }
    Optional<Token> token = verifier.flatMap(v -> v.verify(text));
    return token.isPresent() && caller.adopt(token.get());
  }

  /** Returns whether a message came with a token that was not believed. */
  static boolean isRefused(ServerMessage message) {
    Map<String, Object> ext = message.getExt();
    return ext != null && ext.get(FIELD) == REFUSED;
  }
}
