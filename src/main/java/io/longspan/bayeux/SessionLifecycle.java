package io.longspan.bayeux;

import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.ClientSession;
import io.longspan.bridge.Ticker;
import io.longspan.config.LongspanConfig;
import io.longspan.protocol.ControlDecoder;
import io.longspan.protocol.SessionEnd;
import io.longspan.security.Identity;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cometd.bayeux.server.BayeuxContext;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;
import org.cometd.server.ServerSessionImpl;

/**
 * Takes sessions in and lets them go: a client joins the bridge when its handshake has succeeded,
 * and leaves when its session is removed, for whatever reason.
 */
final class SessionLifecycle implements BayeuxServer.SessionListener {
  private static final String CLIENT = "io.longspan.client";

  private final LongspanConfig config;
  private final BridgeChannels channels;
  private final BayeuxJMSBridge bridge;
  private final EndedSessions ended;
  private final Ticker ticker;

  SessionLifecycle(
      LongspanConfig config,
      BridgeChannels channels,
      BayeuxJMSBridge bridge,
      EndedSessions ended,
      Ticker ticker) {
    this.config = config;
    this.channels = channels;
    this.bridge = bridge;
    this.ended = ended;
    this.ticker = ticker;
  }

  /** Finds the bridge's client behind a session. */
  static Optional<ClientSession> clientOf(ServerSession session) {
    return Optional.ofNullable((ClientSession) session.getAttribute(CLIENT));
  }

  @Override
  public void sessionAdded(ServerSession session, ServerMessage message) {
    Identity identity = BayeuxIdentity.ofSession(session).orElseThrow();
    String userChannel = channels.user(identity.user(), session.getId());
    BayeuxClientOutbox outbox =
        new BayeuxClientOutbox(
            (ServerSessionImpl) session, userChannel, addressOf(message), config.limits());
    ClientSession client = bridge.join(session.getId(), identity, outbox);
    session.setAttribute(CLIENT, client);
    SessionTenure tenure =
        new SessionTenure(client, bridge, end -> end(session, outbox, end), ticker.millis());
    tenure.attachTo(session);
    outbox.whenQueued(() -> tenure.active(ticker.millis()));
    // What the handshake was proved with may have ended meanwhile: then this ends the session.
    tenure.present(BayeuxIdentity.boundCredentials(session));
    message
        .getAssociated()
        .getExt(true)
        .put(
            "bridge",
            Map.of(
                "bridgeId", config.bridge().id(),
                "userChannel", userChannel,
                "user", identity.user(),
                "protocolVersions", List.of(ControlDecoder.VERSION)));
  }

  private static String addressOf(ServerMessage handshake) {
    BayeuxContext context = handshake.getBayeuxContext();
    if (context == null || !(context.getRemoteAddress() instanceof InetSocketAddress address)) {
      return "";
    }
    return address.getAddress() == null
        ? address.getHostString()
        : address.getAddress().getHostAddress();
  }

  private void end(ServerSession session, BayeuxClientOutbox outbox, SessionEnd reason) {
    String user = BayeuxIdentity.ofSession(session).orElseThrow().user();
    ended.add(session.getId(), user, reason);
    outbox.end(reason);
  }

  @Override
  public void sessionRemoved(ServerSession session, ServerMessage message, boolean timeout) {
    String reason = timeout ? "timeout" : message != null ? "bayeuxDisconnect" : "ended";
    SessionTenure.of(session).ifPresent(SessionTenure::close);
    clientOf(session).ifPresent(client -> bridge.leave(client, endReason(session, reason)));
  }

  private static String endReason(ServerSession session, String otherwise) {
    Object given = session.getAttribute(BayeuxClientOutbox.END_REASON);
    return given == null ? otherwise : given.toString();
  }
}
