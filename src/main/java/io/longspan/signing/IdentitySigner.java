package io.longspan.signing;

import io.longspan.identity.Identity;
import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand;
import java.util.Map;
import java.util.Optional;

/**
 * Signs the sender of a forwarded message, so that a service can verify it. Otherwise the service
 * would have to trust every client of the broker.
 */
@FunctionalInterface
public interface IdentitySigner {

  /** Signs nothing. */
  IdentitySigner NONE = statement -> Optional.empty();

  /**
   * The content of a signature.
   *
   * @param sender the authenticated user, with current roles
   * @param bridgeId the bridge that forwards the message
   * @param clientId Bayeux client id of the sender
   * @param correlationId {@code JMSCorrelationID}, if the message has one
   * @param target the logical name or reply handle in the client's message
   * @param replyTo name of the destination in {@code JMSReplyTo}
   * @param properties JMS properties, including those that the bridge sets
   * @param body body of the message
   */
  record Statement(
      Identity sender,
      String bridgeId,
      String clientId,
      Optional<String> correlationId,
      SendCommand.Target target,
      String replyTo,
      Map<String, Object> properties,
      MessageBody body) {}

  /**
   * Signs a statement. Called on command threads; computes for up to a few milliseconds and never
   * waits.
   *
   * @return value of the property {@code bridgeSignature}, a compact JWS; empty if signing is off
   */
  Optional<String> sign(Statement statement);
}
