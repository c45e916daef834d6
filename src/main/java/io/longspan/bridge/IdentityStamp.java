package io.longspan.bridge;

import io.longspan.identity.Identity;
import io.longspan.protocol.BridgeException;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand;
import io.longspan.signing.IdentitySigner;
import java.util.Map;
import java.util.Optional;

/**
 * Puts on messages what tells services who sends them: the user, the bridge, the client, and a
 * signature if there is a key (protocol section 3). Only the bridge may set these properties.
 *
 * <p>Stateless. Called on command threads and container threads, because signing takes time.
 */
final class IdentityStamp {
  private final String bridgeId;
  private final IdentitySigner signer;

  IdentityStamp(String bridgeId, IdentitySigner signer) {
    this.bridgeId = bridgeId;
    this.signer = signer;
  }

  /** Sets the properties for a client's message, except the signature. */
  void identify(
      Map<String, Object> properties, Identity sender, String clientId, MessageBody content) {
    properties.put("runAsUser", sender.user());
    properties.put("bridgeId", bridgeId);
    properties.put("bridgeClientId", clientId);
    properties.put("bodyFormat", content.format());
  }

  /**
   * Refuses text that the broker would change on its way to services, including the user's name.
   *
   * @throws BridgeException {@code badRequest}
   */
  static void requireCarried(MessageBroker broker, Map<String, Object> properties) {
    properties.forEach(
        (name, value) -> {
          if (!broker.carriesName(name)) {
            throw BridgeException.badRequest(
                "the broker does not support a character in the name of a property");
          }
          if (value instanceof String text && !broker.carriesText(text)) {
            throw BridgeException.badRequest(
                "property %s contains a character that the broker does not support"
                    .formatted(name));
          }
        });
  }

  /**
   * Adds the signature. All other properties must be set.
   *
   * @param replyName the name of the reply destination; empty if there is none
   */
  void sign(
      Map<String, Object> properties,
      Identity sender,
      String clientId,
      Optional<String> correlationId,
      SendCommand.Target target,
      String replyName,
      MessageBody content) {
    signer
        .sign(
            new IdentitySigner.Statement(
                sender, bridgeId, clientId, correlationId, target, replyName, properties, content))
        .ifPresent(signature -> properties.put("bridgeSignature", signature));
  }
}
