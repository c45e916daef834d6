package io.longspan.bayeux;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.cometd.bayeux.Channel;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.ServerSessionImpl;

/**
 * A CometD session whose messages wait in the client's outbox, not in CometD's queue: every
 * transport takes them here when it writes to the client.
 */
final class BridgeSession extends ServerSessionImpl {
  private volatile BayeuxClientChannel channel;
  private volatile boolean acknowledging;

  BridgeSession(BayeuxServerImpl server) {
    super(server);
  }

  void use(BayeuxClientChannel ownChannel) {
    channel = ownChannel;
  }

  /** Returns the way to the client; empty before the handshake has succeeded. */
  Optional<BayeuxClientChannel> channel() {
    return Optional.ofNullable(channel);
  }

  /** From now on messages come in replies to {@code /meta/connect} only, each with its number. */
  void acknowledge() {
    acknowledging = true;
    setMetaConnectDeliveryOnly(true);
  }

  boolean isAcknowledging() {
    return acknowledging;
  }

  @Override
  public boolean hasNonLazyMessages() {
    return super.hasNonLazyMessages() || (channel != null && channel.hasWaiting());
  }

  @Override
  public boolean endBatch() {
    if (super.endBatch()) {
      return true;
    }
    boolean waiting = shouldSchedule();
    if (waiting) {
      flush();
    }
    return waiting;
  }

  /** What the outbox holds comes first: the session's own last word ends it. */
  @Override
  public List<ServerMessage> takeQueue(List<ServerMessage.Mutable> replies) {
    getLock().lock();
    try {
      List<ServerMessage> own = super.takeQueue(replies);
      if (channel == null) {
        return own;
      }
      List<ServerMessage> taken = new ArrayList<>(channel.take());
      taken.addAll(own);
      if (acknowledging) {
        replies.stream()
            .filter(reply -> Channel.META_CONNECT.equals(reply.getChannel()))
            .forEach(reply -> reply.getExt(true).put(Acknowledgements.ACK, channel.lastTaken()));
      }
      return taken;
    } finally {
      getLock().unlock();
    }
  }
}
