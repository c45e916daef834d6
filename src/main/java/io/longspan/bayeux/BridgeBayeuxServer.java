package io.longspan.bayeux;

import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.Ticker;
import io.longspan.budget.MemoryBudget;
import io.longspan.concurrent.PartialSweep;
import io.longspan.config.LongspanConfig;
import io.longspan.identity.TokenVerifier;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import org.cometd.bayeux.Channel;
import org.cometd.bayeux.Message;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.ServerChannel.MessageListener;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;
import org.cometd.server.AbstractServerTransport;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.ServerSessionImpl;
import org.cometd.server.http.AbstractHttpTransport;
import org.cometd.server.websocket.common.AbstractWebSocketTransport;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CometD's server, configured with the bridge's transports, limits, security policy and channels.
 */
public final class BridgeBayeuxServer extends BayeuxServerImpl {
  /** HTTP status 408, Request Timeout. */
  private static final int REPLACED_POLL = 408;

  /**
   * The failure message of a request whose body does not fit into the user's memory. The servlet
   * answers it with status 429.
   */
  public static final String NO_MEMORY = "no memory for the request's body";

  private static final Logger LOG = LoggerFactory.getLogger(BridgeBayeuxServer.class);

  private final HeldReplies heldReplies;
  private final WebSocketTransport webSocketTransport;
  private final OpenSockets sockets;
  private final EndedSessions ended = new EndedSessions();
  private final Ticker ticker = Ticker.system();
  private final long idleTimeout;
  private final BayeuxJMSBridge bridge;
  private final BridgeChannels channels;
  private final HandshakeAdmission handshakes;
  private final ClientWriters writers =
      new ClientWriters(this::runInPool, Runtime.getRuntime().availableProcessors());

  private final PartialSweep<ServerSession> sessions =
      new PartialSweep<>(this::getSessions, OpenSockets.SWEEP_PARTS);

  /** Set while the next task of CometD must run on this thread. */
  private final ThreadLocal<Boolean> here = new ThreadLocal<>();

  /**
   * Creates a server. CometD's servlet starts and stops it.
   *
   * @param config the configuration
   * @param bridge the core, which clients join
   * @param tokens validates the tokens in messages; empty: no token is accepted
   * @param requestLog receives each request
   * @param sockets the open WebSockets of this bridge
   * @param memory is charged for requests while they are received
   * @param queue the handshakes that wait for their turn
   */
  public BridgeBayeuxServer(
      LongspanConfig config,
      BayeuxJMSBridge bridge,
      Optional<TokenVerifier> tokens,
      BayeuxRequestLog requestLog,
      OpenSockets sockets,
      MemoryBudget memory,
      HandshakeQueue queue) {
    this.bridge = bridge;
    this.channels = new BridgeChannels(config.bridge().channelRoot());
    setOptions(config);
    this.sockets = sockets;
    this.handshakes = new HandshakeAdmission(this, bridge, queue);
    this.idleTimeout = config.session().idleTimeout().toMillis();
    RequestAdmission admission =
        new RequestAdmission(
            new MessageTokens(tokens),
            new SessionOwnership(this, ended),
            new ClientAdvice(config.session()),
            requestLog);
    this.heldReplies =
        new HeldReplies(
            config.session().receiptDelay().toMillis(),
            ticker,
            this::schedule,
            task -> writers().execute(task));
    this.webSocketTransport =
        new WebSocketTransport(this, admission, sockets, ticker, config.limits(), heldReplies);
    setTransports(List.of(webSocketTransport, new LongPollingTransport(this, admission, memory)));
    setAllowedTransports(AbstractWebSocketTransport.NAME, LongPollingTransport.NAME);

    setSecurityPolicy(new BridgeSecurityPolicy(channels, bridge));
    addExtension(new Acknowledgements());
    addListener(new SessionLifecycle(config, channels, bridge, ended, ticker));
    listen(channels.control(), new ControlChannelHandler(bridge, ticker));
    listen(channels.bridge(), new BridgeChannelHandler(bridge, config.limits(), ticker));
  }

  private void setOptions(LongspanConfig config) {
    Map<String, Object> options = new TreeMap<>();
    options.put(AbstractServerTransport.TIMEOUT_OPTION, config.session().timeout().toMillis());
    options.put(AbstractServerTransport.INTERVAL_OPTION, 0L);
    options.put(
        AbstractServerTransport.MAX_INTERVAL_OPTION, config.session().maxInterval().toMillis());
    options.put(AbstractServerTransport.MAX_QUEUE_OPTION, config.limits().queueMessages());
    options.put(
        AbstractServerTransport.MAX_MESSAGE_SIZE_OPTION,
        TransportLimits.requestBytes(config.limits()));
    options.put(
        AbstractHttpTransport.MAX_SESSIONS_PER_BROWSER_OPTION,
        LongPollingTransport.HELD_PER_BROWSER);
    // A newer poll of the same session replaces the held one. This is normal, so it is no server
    // error.
    options.put(
        AbstractHttpTransport.DUPLICATE_META_CONNECT_HTTP_RESPONSE_CODE_OPTION, REPLACED_POLL);
    options.put(AbstractHttpTransport.HTTP2_MAX_SESSIONS_PER_BROWSER_OPTION, -1);
    // Sessions are bound to their user, so a client without cookies is as safe as a client with
    // them.
    options.put(AbstractHttpTransport.TRUST_CLIENT_SESSION_OPTION, true);
    options.put(AbstractHttpTransport.BROWSER_COOKIE_SAME_SITE_OPTION, "Strict");
    options.put(AbstractWebSocketTransport.MESSAGES_PER_FRAME_OPTION, 0);
    options.put(BROADCAST_TO_PUBLISHER_OPTION, false);
    LOG.debug("bayeux limits bridge={} {}", config.bridge().id(), options);
    options.forEach(this::setOption);
    setOption(AbstractServerTransport.JSON_CONTEXT_OPTION, new LimitedJsonContext(config.limits()));
  }

  private void listen(String channel, MessageListener listener) {
    createChannelIfAbsent(
        channel,
        created -> {
          created.setPersistent(true);
          created.addListener(listener);
        });
  }

  /** Returns what is held back so that it is written together with what follows. */
  HeldReplies heldReplies() {
    return heldReplies;
  }

  /** Returns the transport that handles upgraded connections. */
  public WebSocketTransport webSocketTransport() {
    return webSocketTransport;
  }

  @Override
  public ServerSessionImpl newServerSession() {
    return new BridgeSession(this);
  }

  /**
   * Terminates the sessions whose credentials are no longer valid, and idle sessions. Renews the
   * roles of the others. Closes WebSockets that are too slow, or on which nobody is signed in.
   * Answers handshakes that have waited too long. If there are many sessions and WebSockets, each
   * call checks a quarter of them.
   *
   * <p>Call it several times a second, on one thread at a time. Never blocks.
   */
  public void endDueSessions() {
    long wallClock = System.currentTimeMillis();
    long now = ticker.millis();
    sockets.sweep(now);
    handshakes.sweep(now);
    sessions.next(session -> sweep(session, wallClock, now));
    webSocketTransport.sweep(wallClock, now);
  }

  /**
   * Checks all sessions as {@link #endDueSessions} does. Call it after credentials were withdrawn,
   * on the same thread.
   */
  public void endAllDueSessions() {
    long wallClock = System.currentTimeMillis();
    long now = ticker.millis();
    sessions.all(session -> sweep(session, wallClock, now));
  }

  private void sweep(ServerSession session, long wallClock, long now) {
    try {
      SessionLifetime.of(session)
          .ifPresent(lifetime -> lifetime.sweep(wallClock, now, idleTimeout));
    } catch (RuntimeException x) {
      LOG.error(
          "expiry of a session not checked, the bridge retries client={}", session.getId(), x);
    }
  }

  /**
   * Revokes all WebSockets of a user. Messages on them no longer count as the user's, and each is
   * closed after about 10 s. Called on any thread; never blocks.
   *
   * @param user the user's name
   * @return the number of these WebSockets
   */
  public int endConnections(String user) {
    return webSocketTransport.endOf(user);
  }

  /** Returns the threads that write to clients. A thread that answers a client writes by itself. */
  ClientWriters writers() {
    return writers;
  }

  /**
   * Flushes a session, and keeps the first task that CometD would give to another thread on this
   * thread. CometD writes to a client in such a task.
   */
  void flushHere(BridgeSession session) {
    here.set(true);
    try {
      session.flush();
    } finally {
      // Not removed: each removal costs a new entry for the next message.
      here.set(null);
    }
  }

  /**
   * Runs a task on this thread if {@link #flushHere} is waiting for it. Only the first task stays
   * here, because it could submit others endlessly. Discards the task if the server has stopped.
   */
  @Override
  public void execute(Runnable task) {
    if (here.get() == null) {
      runInPool(task);
    } else {
      here.set(null);
      task.run();
    }
  }

  /** Runs a task on a thread of CometD's pool. Discards it if the server has stopped. */
  void runInPool(Runnable task) {
    try {
      super.execute(task);
    } catch (RejectedExecutionException rejected) {
      throwIfRunning(rejected);
    }
  }

  /** Schedules a task. Discards it if the server has stopped. */
  @Override
  public Scheduler.Task schedule(Runnable task, long delay) {
    try {
      return super.schedule(task, delay);
    } catch (RejectedExecutionException rejected) {
      throwIfRunning(rejected);
      return () -> false;
    }
  }

  /** A receipt or message may arrive while the server stops. Then no client is left to tell. */
  private void throwIfRunning(RejectedExecutionException rejected) {
    if (isRunning()) {
      throw rejected;
    }
  }

  /**
   * Rejects a message before CometD handles it, in two cases: its token is invalid, or its session
   * sends too many messages. The second check covers only messages that the channel handlers do not
   * count. A poll waits until the client is connected, if its handshake asked for that. A handshake
   * waits for its turn.
   */
  @Override
  public void handle(
      ServerSessionImpl session,
      ServerMessage.Mutable message,
      Promise<ServerMessage.Mutable> promise) {
    if (MessageTokens.isRefused(message)) {
      Map<String, Object> advice = Map.of(Message.RECONNECT_FIELD, Message.RECONNECT_NONE_VALUE);
      refuse(message, promise, "401::invalid_token", advice);
      return;
    }
    if (isUncounted(message)
        && session != null
        && !SessionLifecycle.clientOf(session).map(bridge::mayPublish).orElse(true)) {
      refuse(
          message,
          promise,
          "limitExceeded:the client sends too many messages per second",
          Map.of());
      return;
    }
    if (Channel.META_HANDSHAKE.equals(message.getChannel())) {
      handshakes.handle(session, message, promise);
    } else if (Channel.META_CONNECT.equals(message.getChannel())) {
      HandshakeConnect.whenAnswered(session, () -> handleNow(session, message, promise));
    } else {
      super.handle(session, message, promise);
    }
  }

  /**
   * Replies to a message without handling it.
   *
   * @param advice the advice to the client; empty for none
   */
  void refuse(
      ServerMessage.Mutable message,
      Promise<ServerMessage.Mutable> promise,
      String error,
      Map<String, Object> advice) {
    ServerMessage.Mutable reply = createReply(message);
    error(reply, error);
    if (!advice.isEmpty()) {
      reply.getAdvice(true).putAll(advice);
    }
    promise.succeed(reply);
  }

  /** Lets CometD handle a message. A failure goes to the promise. */
  void handleNow(
      ServerSessionImpl session,
      ServerMessage.Mutable message,
      Promise<ServerMessage.Mutable> promise) {
    try {
      super.handle(session, message, promise);
    } catch (RuntimeException | Error x) {
      promise.fail(x);
    }
  }

  /**
   * Returns whether neither a channel handler nor another limit counts a message. Polls follow
   * deliveries, handshakes have their own limit, and a session disconnects once.
   */
  private boolean isUncounted(ServerMessage message) {
    String channel = message.getChannel();
    return channel != null
        && switch (channel) {
          case Channel.META_HANDSHAKE, Channel.META_CONNECT, Channel.META_DISCONNECT -> false;
          default -> !channel.equals(channels.control()) && !channel.equals(channels.bridge());
        };
  }

  /**
   * Answers a message of an unknown session. Every such message gets the advice to handshake, not
   * only {@code /meta/connect}. If the bridge terminated the session, the reply names the reason.
   */
  @Override
  protected void unknownSession(ServerMessage.Mutable reply) {
    super.unknownSession(reply);
    Map<String, Object> advice = reply.getAdvice(true);
    advice.put(Message.RECONNECT_FIELD, Message.RECONNECT_HANDSHAKE_VALUE);
    advice.put(Message.INTERVAL_FIELD, 0L);
    ServerMessage message = reply.getAssociated();
    Optional.ofNullable(message.getClientId())
        .flatMap(ended::reason)
        .ifPresent(
            reason -> {
              reply.put(Message.ERROR_FIELD, "402::" + reason.wireName());
              if (!reason.mayReturn()) {
                advice.put(Message.RECONNECT_FIELD, Message.RECONNECT_NONE_VALUE);
              }
            });
  }

  /** Keeps an error that already names a reason; CometD would replace it by a general one. */
  @Override
  protected void error(ServerMessage.Mutable reply, String error) {
    boolean named = reply != null && reply.get(Message.ERROR_FIELD) != null;
    super.error(reply, named ? (String) reply.get(Message.ERROR_FIELD) : error);
  }
}
