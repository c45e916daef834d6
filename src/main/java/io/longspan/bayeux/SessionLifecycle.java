package io.longspan.bayeux;

import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.ClientSession;
import io.longspan.bridge.Ticker;
import io.longspan.config.LongspanConfig;
import io.longspan.identity.Identity;
import io.longspan.protocol.ControlDecoder;
import io.longspan.protocol.SessionEnd;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.cometd.bayeux.server.BayeuxContext;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;

/**
 * Joins a client to the core after a successful handshake, and removes it when CometD removes its
 * session. Called on threads of the container and of CometD; never blocks.
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

  /** Returns the core's session for a CometD session; empty before its handshake has succeeded. */
  static Optional<ClientSession> clientOf(ServerSession session) {
    return Optional.ofNullable((ClientSession) session.getAttribute(CLIENT));
  }

  @Override
  public void sessionAdded(ServerSession session, ServerMessage message) {
    Identity identity = BayeuxIdentity.ofSession(session).orElseThrow();
    String userChannel = channels.user(identity.user(), session.getId());
    BridgeSession own = (BridgeSession) session;
    BayeuxClientChannel channel = new BayeuxClientChannel(own, userChannel, addressOf(message));
    ClientSession client = bridge.join(session.getId(), identity, channel);
    own.use(channel);
    session.setAttribute(CLIENT, client);
    SessionLifetime lifetime =
        new SessionLifetime(client, bridge, end -> end(session, channel, end), ticker.millis());
    lifetime.attachTo(session);
    channel.whenSent(() -> lifetime.active(ticker.millis()));
    // If one of these credentials has ended meanwhile, this call terminates the session.
    lifetime.present(BayeuxIdentity.boundCredentials(session));
    Map<String, Object> ext = new LinkedHashMap<>();
    ext.put("bridgeId", config.bridge().id());
    ext.put("userChannel", userChannel);
    ext.put("user", identity.user());
    ext.put("protocolVersions", ControlDecoder.VERSIONS);
    if (HandshakeConnect.start(bridge, client, session, message)) {
      ext.put("connecting", true);
    }
    message.getAssociated().getExt(true).put("bridge", ext);
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

  /** Terminates a session, unless another end with its own reason came first. */
  private void end(ServerSession session, BayeuxClientChannel channel, SessionEnd reason) {
    if (session.getAttribute(BayeuxClientChannel.END_REASON) != null) {
      return;
    }
    remember(session, reason.wireName());
    channel.end(reason);
  }

  /** Remembers the reason, so that the reply to the client's next message can name it. */
  private void remember(ServerSession session, String reason) {
    String user = BayeuxIdentity.ofSession(session).orElseThrow().user();
    SessionEnd.named(reason).ifPresent(end -> ended.add(session.getId(), user, end));
  }

  @Override
  public void sessionRemoved(ServerSession session, ServerMessage message, boolean timeout) {
    Object given = session.getAttribute(BayeuxClientChannel.END_REASON);
    // Only a timeout suspends a client. A client that disconnected or was terminated cannot resume.
    boolean lost = timeout && given == null;
    String otherwise = timeout ? "timeout" : message != null ? "bayeuxDisconnect" : "ended";
    if (given != null) {
      remember(session, given.toString());
    }
    SessionLifetime.of(session).ifPresent(SessionLifetime::close);
    HandshakeAdmission.releasePlace(session);
    clientOf(session)
        .ifPresent(
            client ->
                bridge.bayeuxSessionEnded(
                    client, lost, given == null ? otherwise : given.toString()));
  }
}
