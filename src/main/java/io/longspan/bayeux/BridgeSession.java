package io.longspan.bayeux;

import java.util.List;
import java.util.Optional;
import org.cometd.bayeux.Channel;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.ServerSessionImpl;

/**
 * A CometD session whose messages wait in the client's outbox, not in CometD's queue. A transport
 * takes them through {@link #takeQueue} when it writes to the client ({@code docs/decisions/0012}).
 */
final class BridgeSession extends ServerSessionImpl {
  /** The connection for which this thread takes messages; null for long polling. */
  private static final ThreadLocal<Object> TAKER = new ThreadLocal<>();

  private volatile BayeuxClientChannel channel;
  private volatile Object endPoint;
  private volatile boolean acknowledging;

  BridgeSession(BayeuxServerImpl server) {
    super(server);
  }

  void use(BayeuxClientChannel ownChannel) {
    channel = ownChannel;
  }

  /** Returns the channel to the client; empty until the handshake has succeeded. */
  Optional<BayeuxClientChannel> channel() {
    return Optional.ofNullable(channel);
  }

  /**
   * Delivers messages only in replies to {@code /meta/connect} from now on, each reply with its
   * number.
   */
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

  @Override
  public boolean updateServerEndPoint(Object newEndPoint) {
    endPoint = newEndPoint;
    return super.updateServerEndPoint(newEndPoint);
  }

  /**
   * Runs an action that takes messages for a connection. If the session has moved to another
   * connection, the action gets none.
   */
  static void takingOver(Object connection, Runnable taking) {
    TAKER.set(connection);
    try {
      taking.run();
    } finally {
      TAKER.remove();
    }
  }

  private boolean isLeftBehind(Object taker) {
    return taker != null && endPoint != null && taker != endPoint;
  }

  /**
   * Returns the messages of the outbox, and then CometD's own: CometD's last message ends the
   * session.
   */
  @Override
  public List<ServerMessage> takeQueue(List<ServerMessage.Mutable> replies) {
    if (isLeftBehind(TAKER.get())) {
      return List.of();
    }
    getLock().lock();
    try {
      List<ServerMessage> own = super.takeQueue(replies);
      if (channel == null) {
        return own;
      }
      List<ServerMessage> taken = channel.take();
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
