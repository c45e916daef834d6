package io.longspan.bayeux;

import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.identity.Identity;
import java.util.Optional;
import org.cometd.bayeux.Message;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.SecurityPolicy;
import org.cometd.bayeux.server.ServerChannel;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;

/**
 * Decides what a session may do on Bayeux (protocol section 1). It may subscribe to its own user
 * channel, and publish to the control channel and the bridge channel. Everything else is rejected.
 */
final class BridgeSecurityPolicy implements SecurityPolicy {
  /**
   * How long a rejected client waits before it retries, here or on another bridge, in milliseconds.
   */
  static final long RETRY_INTERVAL = 1000;

  private final BridgeChannels channels;
  private final BayeuxJMSBridge bridge;

  BridgeSecurityPolicy(BridgeChannels channels, BayeuxJMSBridge bridge) {
    this.channels = channels;
    this.bridge = bridge;
  }

  @Override
  public boolean canHandshake(BayeuxServer server, ServerSession session, ServerMessage message) {
    Optional<Identity> identity = BayeuxIdentity.ofRequest(message.getBayeuxContext());
    if (identity.isEmpty()) {
      return false;
    }
    ServerMessage.Mutable reply = message.getAssociated();
    if (bridge.isDraining()) {
      reply.put(Message.ERROR_FIELD, "503::draining");
      reply.getAdvice(true).put(Message.RECONNECT_FIELD, Message.RECONNECT_HANDSHAKE_VALUE);
      reply.getAdvice(true).put(Message.INTERVAL_FIELD, RETRY_INTERVAL);
      return false;
    }
    Optional<String> problem = HandshakeConnect.problem(message);
    if (problem.isPresent()) {
      reply.put(Message.ERROR_FIELD, "400::badRequest: " + problem.get());
      return false;
    }
    if (!bridge.carries(identity.get())) {
      reply.put(
          Message.ERROR_FIELD,
          "403::badRequest: the broker does not support a character in this user's name");
      return false;
    }
    if (!bridge.mayJoin(identity.get())) {
      reply.put(Message.ERROR_FIELD, "403::limitExceeded: too many sessions of this user");
      return false;
    }
    BayeuxIdentity.bind(
        session, identity.get(), BayeuxIdentity.credentialsOf(message.getBayeuxContext()));
    return true;
  }

  @Override
  public boolean canCreate(
      BayeuxServer server, ServerSession session, String channelId, ServerMessage message) {
    return session == null || isOwnChannel(session, channelId);
  }

  @Override
  public boolean canSubscribe(
      BayeuxServer server, ServerSession session, ServerChannel channel, ServerMessage message) {
    return isOwnChannel(session, channel.getId());
  }

  @Override
  public boolean canPublish(
      BayeuxServer server, ServerSession session, ServerChannel channel, ServerMessage message) {
    String id = channel.getId();
    return id.equals(channels.control()) || id.equals(channels.bridge());
  }

  private boolean isOwnChannel(ServerSession session, String channelId) {
    return BayeuxIdentity.ofSession(session)
        .filter(owner -> channelId.equals(channels.user(owner.user(), session.getId())))
        .isPresent();
  }
}
