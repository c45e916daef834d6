package io.longspan.bayeux;

import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket connection that carries Bayeux. It belongs to the user of the upgrade, or of the
 * first token in a message. Without a user it is closed after a few seconds.
 *
 * <p>The container calls the endpoint on its threads. No method blocks, except while a token in a
 * message is validated.
 */
public final class WebSocketEndPoint extends Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(WebSocketEndPoint.class);

  /** Maximum time without a signed-in user on a connection that had one, in milliseconds. */
  private static final long NOBODY_MILLIS = 10_000;

  /** Maximum size of the pieces in which the container passes a message on, in characters. */
  private static final int PIECE_CHARS = 8 << 10;

  /** Maximum time until the client accepts a written message; after that the connection ends. */
  private static final Duration SEND_TIMEOUT = Duration.ofSeconds(60);

  private final WebSocketTransport transport;
  private final WebSocketCaller caller;

  /**
   * Number of requests without a written reply. It is bounded, because a client may not read its
   * replies.
   */
  private final AtomicInteger unanswered = new AtomicInteger();

  private volatile InboundFrames frames;
  private volatile OpenSocket socket;
  private volatile WebSocketReplies replies;
  private volatile boolean refused;
  private volatile boolean closed;

  /**
   * The start of the time without a signed-in user; {@code Long.MIN_VALUE} if a user is signed in.
   * Owned by the thread of the sweep.
   */
  private long nobodySince = Long.MIN_VALUE;

  /**
   * Creates the endpoint for a connection that is being upgraded.
   *
   * @param transport the server's transport
   * @param caller the upgrade request with its credentials
   */
  public WebSocketEndPoint(WebSocketTransport transport, WebSocketCaller caller) {
    this.transport = transport;
    this.caller = caller;
  }

  @Override
  public void onOpen(Session session, EndpointConfig config) {
    // The container passes pieces on at once. If it collected messages, no account would be
    // charged.
    session.setMaxTextMessageBufferSize(PIECE_CHARS);
    // A client that is silent for longer has lost its /meta/connect too.
    session.setMaxIdleTimeout(transport.getTimeout() + transport.getMaxInterval());
    session.getAsyncRemote().setSendTimeout(SEND_TIMEOUT.toMillis());
    WebSocketReplies opened =
        new WebSocketReplies(transport, caller, session, () -> socket.account(), this::whenRefused);
    replies = opened;
    Optional<OpenSocket> place = transport.admit(caller, opened::refuse);
    if (place.isEmpty()) {
      opened.refuse(SocketEnd.USER_LIMIT.closeCode(), SocketEnd.USER_LIMIT.text());
      return;
    }
    OpenSocket taken = place.get();
    frames =
        new InboundFrames(
            transport.maxUnhandled(), transport.getBayeuxServer()::execute, taken::account);
    socket = taken;
    transport.opened(this);
    if (closed) {
      // The connection was displaced while it was opened.
      release();
      return;
    }
    session.addMessageHandler(
        String.class, (MessageHandler.Partial<String>) (piece, last) -> receive(piece, last));
    session.addMessageHandler(
        ByteBuffer.class,
        (MessageHandler.Partial<ByteBuffer>)
            (piece, last) ->
                opened.refuse(CloseCodes.CANNOT_ACCEPT.getCode(), "Bayeux messages must be text"));
  }

  private void receive(String piece, boolean last) {
    if (refused) {
      return;
    }
    PartialText partial = socket.partial();
    switch (partial.add(piece, last, socket.maxMessageBytes(), transport.now())) {
      case COMPLETE -> receive(partial.take());
      case TOO_LARGE -> socket.end(SocketEnd.TOO_LARGE);
      case NO_MEMORY -> socket.end(SocketEnd.NO_MEMORY);
      default -> {}
    }
  }

  /**
   * Revokes the connection if it belongs to a user.
   *
   * @return whether it belonged to that user
   */
  boolean endOf(String user) {
    boolean own = caller.isOf(user);
    if (own) {
      caller.end();
    }
    return own;
  }

  /**
   * Closes the connection if nobody has been signed in on it for some time. For example, its
   * sign-in has ended, its password was withdrawn, or its token has expired. Called on one thread
   * at a time.
   *
   * @param wallClock milliseconds since 1970
   * @param now the time of the bridge's ticker, in milliseconds
   */
  void sweep(long wallClock, long now) {
    if (caller.isSomebody(wallClock)) {
      nobodySince = Long.MIN_VALUE;
    } else if (nobodySince == Long.MIN_VALUE) {
      nobodySince = now;
    } else if (now - nobodySince >= NOBODY_MILLIS) {
      socket.end(SocketEnd.NOT_SIGNED_IN);
    }
  }

  private void receive(String text) {
    if (unanswered.incrementAndGet() > transport.maxUnanswered()) {
      socket.end(SocketEnd.BACKLOG);
      return;
    }
    switch (frames.add(text, this::handle)) {
      case FULL -> socket.end(SocketEnd.BACKLOG);
      case NO_MEMORY -> socket.end(SocketEnd.NO_MEMORY);
      default -> {}
    }
  }

  private void handle(String text, Runnable done) {
    if (!refused) {
      replies.handle(text, done, unanswered::decrementAndGet);
    }
  }

  /** Stops handling messages. */
  private void whenRefused() {
    refused = true;
    if (socket != null) {
      frames.close();
      socket.partial().close();
    }
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    refused = true;
    closed = true;
    release();
    replies.onClose(reason.getCloseCode().getCode(), reason.getReasonPhrase());
  }

  /** Releases everything that the connection holds. Idempotent. */
  private void release() {
    transport.closed(this);
    OpenSocket open = socket;
    if (open != null) {
      frames.close();
      open.closed();
    }
  }

  @Override
  public void onError(Session session, Throwable failure) {
    LOG.debug("WebSocket failed", failure);
    if (replies != null) {
      replies.onError(failure);
    }
  }
}
