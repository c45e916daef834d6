package io.longspan.bayeux;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.ServerSession;
import org.cometd.server.websocket.common.AbstractWebSocketEndPoint;
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

  /** Minimum size of a text whose copies are charged, in characters. */
  private static final int CHARGED_CHARS = 16 << 10;

  /**
   * Bytes per character that a text takes while it is written: CometD's buffer, and the frame. The
   * message itself is charged as long as its outbox retains it.
   */
  private static final int COPIES = 2;

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
  private volatile Connection connection;
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
    Connection opened = new Connection(session);
    connection = opened;
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
        String.class,
        (MessageHandler.Partial<String>) (piece, last) -> receive(opened, piece, last));
    session.addMessageHandler(
        ByteBuffer.class,
        (MessageHandler.Partial<ByteBuffer>)
            (piece, last) ->
                opened.refuse(CloseCodes.CANNOT_ACCEPT.getCode(), "Bayeux messages must be text"));
  }

  private void receive(Connection opened, String piece, boolean last) {
    if (refused) {
      return;
    }
    PartialText partial = socket.partial();
    switch (partial.add(piece, last, socket.maxMessageBytes(), transport.now())) {
      case COMPLETE -> receive(opened, partial.take());
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

  private void receive(Connection opened, String text) {
    if (unanswered.incrementAndGet() > transport.maxUnanswered()) {
      socket.end(SocketEnd.BACKLOG);
      return;
    }
    switch (frames.add(text, (next, done) -> handle(opened, next, done))) {
      case FULL -> socket.end(SocketEnd.BACKLOG);
      case NO_MEMORY -> socket.end(SocketEnd.NO_MEMORY);
      default -> {}
    }
  }

  private void handle(Connection opened, String text, Runnable done) {
    if (!refused) {
      Handling handling = new Handling(opened, done);
      opened.writer.collect(
          () ->
              handling.receipts.collect(
                  () -> transport.handle(caller, () -> opened.onMessage(text, handling))));
    }
  }

  /** The handling of one text: first its messages are handled, then the replies are written. */
  private final class Handling implements Promise<Void> {
    private final RequestReceipts receipts = new RequestReceipts();
    private final Connection opened;
    private final Runnable done;
    private final AtomicBoolean handled = new AtomicBoolean();

    Handling(Connection opened, Runnable done) {
      this.opened = opened;
      this.done = done;
    }

    /**
     * Lets the next text follow. All messages of this text are handled, but receipts may be
     * pending.
     */
    void handled() {
      if (handled.compareAndSet(false, true)) {
        done.run();
      }
    }

    @Override
    public void succeed(Void result) {
      opened.writer.afterWritten(unanswered::decrementAndGet);
      handled();
    }

    @Override
    public void fail(Throwable failure) {
      LOG.debug("WebSocket closed, a message could not be handled", failure);
      if (failure instanceof WebSocketTransport.UnreadableException unreadable) {
        opened.refuse(unreadable.closeCode(), unreadable.getMessage());
      } else {
        opened.refuse(CloseCodes.UNEXPECTED_CONDITION.getCode(), "a message could not be handled");
      }
    }
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    refused = true;
    closed = true;
    release();
    connection.onClose(reason.getCloseCode().getCode(), reason.getReasonPhrase());
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
    if (connection != null) {
      connection.onError(failure);
    }
  }

  /** Replies that wait for an answer, and what to complete when they are written. */
  private record HeldReply(AbstractWebSocketEndPoint.Context context, Promise<Void> promise) {}

  private final class Connection extends AbstractWebSocketEndPoint implements HeldReplies.Holder {
    private final Session session;
    private final FrameWriter writer =
        new FrameWriter(
            this::sendText,
            failure -> {
              LOG.debug("WebSocket closed, a message could not be written", failure);
              refuse(CloseCodes.UNEXPECTED_CONDITION.getCode(), "a message could not be written");
            });

    /** Held while messages are taken and given to the socket; the write itself is asynchronous. */
    private final ReentrantLock flushing = new ReentrantLock();

    /** Replies that wait for an answer, in order. Guarded by {@link #flushing}. */
    private final Queue<HeldReply> held = new ArrayDeque<>(1);

    private volatile boolean holding;

    Connection(Session session) {
      super(transport, caller);
      this.session = session;
    }

    @Override
    protected void flush(Context context, Promise<Void> promise) {
      if (promise instanceof Handling handling) {
        handling.receipts.whenAll(() -> writeOrHold(context, handling));
        handling.handled();
      } else {
        write(context, promise);
      }
    }

    /**
     * Holds replies back if an answer is expected: it will be written together with them.
     * Otherwise, writes them.
     */
    private void writeOrHold(Context context, Handling handling) {
      flushing.lock();
      try {
        boolean wait =
            transport.heldReplies().isEnabled()
                && !writer.hasCollected()
                && handling.receipts.mayWait();
        if (!wait) {
          write(context, handling);
          return;
        }
        held.add(new HeldReply(context, handling));
        if (!holding) {
          holding = true;
          transport.heldReplies().add(this);
        }
      } finally {
        flushing.unlock();
      }
    }

    @Override
    public boolean isHolding() {
      return holding;
    }

    @Override
    public void writeHeld() {
      writeUnderLock(() -> {});
    }

    /**
     * Writes under the lock, so that messages are sent in the order in which they were taken. If
     * the session has moved to another connection, this one takes no messages.
     */
    private void write(Context context, Promise<Void> promise) {
      writeUnderLock(() -> super.flush(context, promise));
    }

    /**
     * Writes the held replies, and then what an action writes, in one message if they are small.
     */
    private void writeUnderLock(Runnable action) {
      flushing.lock();
      try {
        writer.collect(
            () ->
                BridgeSession.takingOver(
                    this,
                    () -> {
                      holding = false;
                      for (HeldReply next = held.poll(); next != null; next = held.poll()) {
                        super.flush(next.context(), next.promise());
                      }
                      action.run();
                    }));
      } finally {
        flushing.unlock();
      }
    }

    @Override
    protected void send(ServerSession receiver, String data, Promise<Void> promise) {
      writer.write(data, promise);
    }

    private void sendText(String data, Promise<Void> promise) {
      Runnable release = charge(data.length());
      try {
        session
            .getAsyncRemote()
            .sendText(
                data,
                result -> {
                  release.run();
                  if (result.isOK()) {
                    promise.succeed(null);
                  } else {
                    promise.fail(result.getException());
                  }
                });
      } catch (RuntimeException notSent) {
        release.run();
        throw notSent;
      }
    }

    /**
     * Charges a large text while it is written: its client may not read it for a long time.
     *
     * @return releases the charge, once
     */
    private Runnable charge(int chars) {
      if (chars < CHARGED_CHARS) {
        return () -> {};
      }
      Account account = socket.account();
      long bytes = (long) COPIES * chars;
      account.charge(Purpose.WRITES, bytes);
      AtomicBoolean charged = new AtomicBoolean(true);
      return () -> {
        if (charged.compareAndSet(true, false)) {
          account.release(Purpose.WRITES, bytes);
        }
      };
    }

    /**
     * Stops handling messages and closes the connection. Messages already given to the socket are
     * written first.
     */
    void refuse(int code, String reason) {
      if (holding) {
        writeHeld();
      }
      refused = true;
      if (socket != null) {
        frames.close();
        socket.partial().close();
      }
      close(code, reason);
    }

    @Override
    public void close(int code, String reason) {
      try {
        session.close(new CloseReason(CloseCodes.getCloseCode(code), reason));
      } catch (IOException | IllegalStateException x) {
        LOG.debug("the WebSocket is already closed", x);
      }
    }
  }
}
