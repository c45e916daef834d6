package io.longspan.bayeux;

import java.util.Map;
import java.util.Optional;
import org.cometd.bayeux.Channel;
import org.cometd.bayeux.Message;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;

/**
 * What clients say that they have got.
 *
 * <p>A client with CometD's acknowledgement extension sends back, with each {@code /meta/connect},
 * the {@code ext.ack} of the last reply to it; what was written after that one is written again.
 * Any client may say on {@code /meta/connect} which message it has got last, so that the bridge
 * need not keep those before, and knows a {@code /meta/connect} that comes a second time: {@code
 * ext.bridge.seq} (protocol section 6).
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
