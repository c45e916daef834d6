package io.longspan.bayeux;

import java.util.Map;
import java.util.Optional;
import org.cometd.bayeux.Channel;
import org.cometd.bayeux.Message;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;

/**
 * Reads which messages a client has received ({@code docs/protocol.md}). Two forms exist, both on
 * {@code /meta/connect}:
 *
 * <ul>
 *   <li>{@code ext.ack}, the acknowledgement extension of CometD's clients, holds the number of the
 *       last reply that the client has received. Messages after it are re-queued.
 *   <li>{@code ext.bridge.seq} holds the {@code seq} of the last message that the client has
 *       received. Older messages are no longer retained. It also shows which clients send unique
 *       message ids, so that {@link LastRequests} can recognise a repeated {@code /meta/connect}.
 * </ul>
 */
final class Acknowledgements implements BayeuxServer.Extension {
  static final String ACK = "ack";
  private static final String BRIDGE = "bridge";
  private static final String SEQ = "seq";

  @Override
  public boolean sendMeta(ServerSession to, ServerMessage.Mutable reply) {
    if (Channel.META_HANDSHAKE.equals(reply.getChannel())
        && reply.isSuccessful()
        && to instanceof BridgeSession session
        && Boolean.TRUE.equals(ext(reply.getAssociated()).get(ACK))) {
      session.acknowledge();
      reply.getExt(true).put(ACK, true);
    }
    return true;
  }

  @Override
  public boolean rcvMeta(ServerSession from, ServerMessage.Mutable message) {
    if (Channel.META_CONNECT.equals(message.getChannel()) && from instanceof BridgeSession own) {
      own.channel().ifPresent(channel -> received(own, channel, message));
    }
    return true;
  }

  private static void received(
      BridgeSession session, BayeuxClientChannel channel, ServerMessage message) {
    Map<String, Object> ext = ext(message);
    if (session.isAcknowledging() && ext.get(ACK) instanceof Number ack) {
      channel.rewind(Math.max(0, ack.longValue()));
    }
    if (ext.get(BRIDGE) instanceof Map<?, ?> told && told.get(SEQ) instanceof Number seq) {
      channel.polled(message.getId());
      channel.acknowledge(seq.longValue());
    }
  }

  private static Map<String, Object> ext(Message message) {
    return Optional.ofNullable(message).map(Message::getExt).orElse(Map.of());
  }
}
