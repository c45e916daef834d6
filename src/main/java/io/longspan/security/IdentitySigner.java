package io.longspan.security;

import io.longspan.protocol.MessageBody;
import io.longspan.protocol.SendCommand;
import java.util.Map;
import java.util.Optional;

/**
 * Signs who a forwarded message is from, so that a back end need not trust everybody who can write
 * to the broker.
 */
@FunctionalInterface
public interface IdentitySigner {

  /** Signs nothing. */
  IdentitySigner NONE = statement -> Optional.empty();

  /**
   * What is signed about one message.
   *
   * @param sender the authenticated user, with the roles of now
   * @param bridgeId the bridge that forwards it
   * @param clientId the Bayeux client id
   * @param correlationId {@code JMSCorrelationID}, where the message has one
   * @param target the logical name, or the reply handle, that the client wrote
   * @param replyTo the name of the destination in {@code JMSReplyTo}
   * @param properties the JMS properties, those of the bridge included
   * @param body the body
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
   * Signs a statement. Called on command threads; computes for up to some milliseconds, does not
   * wait.
   *
   * @return the value of {@code bridgeSignature}, a compact JWS; empty where nothing is signed
   */
  Optional<String> sign(Statement statement);
}
