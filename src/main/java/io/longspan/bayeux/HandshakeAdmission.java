package io.longspan.bayeux;

import io.longspan.bayeux.HandshakeQueue.Place;
import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.identity.Identity;
import java.util.Map;
import java.util.Optional;
import org.cometd.bayeux.Message;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;
import org.cometd.server.ServerSessionImpl;

/**
 * Handles handshakes when it is their turn ({@link HandshakeQueue}). The place of a handshake is
 * released when its client is connected, or the handshake is refused, or the session has ended.
 *
 * <p>Called on any thread; never blocks. No thread waits with a handshake.
 */
final class HandshakeAdmission {
  private static final String PLACE = "io.longspan.handshakePlace";

  private final BridgeBayeuxServer server;
  private final BayeuxJMSBridge bridge;
  private final HandshakeQueue queue;

  HandshakeAdmission(BridgeBayeuxServer server, BayeuxJMSBridge bridge, HandshakeQueue queue) {
    this.server = server;
    this.bridge = bridge;
    this.queue = queue;
  }

  /**
   * Handles a handshake, now or later. A stranger's handshake is refused at once, as is every
   * handshake while the bridge drains: neither waits.
   */
  void handle(
      ServerSessionImpl session,
      ServerMessage.Mutable message,
      Promise<ServerMessage.Mutable> promise) {
    Optional<Identity> user = BayeuxIdentity.ofRequest(message.getBayeuxContext());
    if (user.isEmpty() || bridge.isDraining()) {
      server.handleNow(session, message, promise);
    } else if (!bridge.mayShakeHands(user.get())) {
      server.refuse(
          message,
          promise,
          "403::limitExceeded: too many handshakes of this user",
          handshakeAfter(BridgeSecurityPolicy.RETRY_INTERVAL));
    } else {
      Pending pending = new Pending(session, message, promise);
      queue.add(user.get().user(), pending).ifPresent(pending::handle);
    }
  }

  private static Map<String, Object> handshakeAfter(long interval) {
    return Map.of(
        Message.RECONNECT_FIELD,
        Message.RECONNECT_HANDSHAKE_VALUE,
        Message.INTERVAL_FIELD,
        interval);
  }

  /** Postpones handshakes that wait too long. */
  void sweep(long now) {
    queue.sweep(now);
  }

  /** Releases the place of a session's handshake, if it has one. */
  static void releasePlace(ServerSession session) {
    if (session.removeAttribute(PLACE) instanceof Place place) {
      place.release();
    }
  }

  /** A handshake, and what its reply completes. */
  private final class Pending implements HandshakeQueue.Handshake {
    private final ServerSessionImpl session;
    private final ServerMessage.Mutable message;
    private final Promise<ServerMessage.Mutable> promise;

    Pending(
        ServerSessionImpl session,
        ServerMessage.Mutable message,
        Promise<ServerMessage.Mutable> promise) {
      this.session = session;
      this.message = message;
      this.promise = promise;
    }

    @Override
    public void admitted(Place place) {
      server.runInPool(() -> handle(place));
    }

    @Override
    public void postpone(long interval) {
      server.runInPool(
          () -> server.refuse(message, promise, "503::busy", handshakeAfter(interval)));
    }

    @Override
    public boolean isAbandoned() {
      return message.getBayeuxContext() instanceof WebSocketCaller caller && caller.isClosed();
    }

    private void handle(Place place) {
      session.setAttribute(PLACE, place);
      server.handleNow(
          session,
          message,
          new Promise.Wrapper<>(promise) {
            @Override
            public void succeed(ServerMessage.Mutable reply) {
              replied(reply.isSuccessful());
              super.succeed(reply);
            }

            @Override
            public void fail(Throwable failure) {
              releasePlace(session);
              super.fail(failure);
            }
          });
    }

    /** Without a session nothing follows; otherwise the place is needed until it is connected. */
    private void replied(boolean successful) {
      if (!successful) {
        releasePlace(session);
      } else if (HandshakeConnect.isStarted(session)) {
        HandshakeConnect.whenAnswered(session, () -> releasePlace(session));
      }
    }
  }
}
