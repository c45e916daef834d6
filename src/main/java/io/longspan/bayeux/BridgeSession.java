package io.longspan.bayeux;

import java.util.ArrayList;
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
  private static final ThreadLocal<WebSocketReplies> TAKER = new ThreadLocal<>();

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
   * Sets the connection for which this thread takes messages from now on. If the session has moved
   * to another connection, it takes none.
   *
   * @param connection null: for no WebSocket
   */
  static void takeFor(WebSocketReplies connection) {
    // Set to null rather than removed: each removal costs a new entry for the next message.
    TAKER.set(connection);
  }

  private boolean isLeftBehind(Object taker) {
    Object current = endPoint;
    return taker != null && current != null && taker != current;
  }

  /**
   * Returns the messages of the outbox, and then CometD's own: CometD's last message ends the
   * session.
   */
  @Override
  public List<ServerMessage> takeQueue(List<ServerMessage.Mutable> replies) {
    WebSocketReplies taker = TAKER.get();
    if (isLeftBehind(taker)) {
      return List.of();
    }
    getLock().lock();
    try {
      List<ServerMessage> own = super.takeQueue(replies);
      if (channel == null) {
        return own;
      }
      List<ServerMessage> taken = both(channel.take(taker), own);
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

  private static List<ServerMessage> both(List<ServerMessage> first, List<ServerMessage> second) {
    if (first.isEmpty() || second.isEmpty()) {
      return first.isEmpty() ? second : first;
    }
    List<ServerMessage> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
