package io.longspan.bayeux;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Session;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.ServerSession;
import org.cometd.server.websocket.common.AbstractWebSocketEndPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CometD's side of one WebSocket: handles texts, and writes replies and messages in order. Replies
 * may be held back until an answer comes.
 *
 * <p>Called on any thread; never blocks.
 */
final class WebSocketReplies extends AbstractWebSocketEndPoint implements HeldReplies.Holder {
  private static final Logger LOG = LoggerFactory.getLogger(WebSocketReplies.class);

  /** Minimum size of a text whose copies are charged, in characters. */
  private static final int CHARGED_CHARS = 16 << 10;

  /**
   * Bytes per character that a text takes while it is written: CometD's buffer, and the frame. The
   * message itself is charged as long as its outbox retains it.
   */
  private static final int COPIES = 2;

  private static final String PLACEHOLDER = String.valueOf(FrameText.PLACEHOLDER);

  /** Replies that wait for an answer, and what to complete when they are written. */
  private record HeldReply(Context context, Promise<Void> promise) {}

  private final WebSocketTransport transport;
  private final WebSocketCaller caller;
  private final Supplier<Account> account;
  private final Runnable whenRefused;
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

  /** Null while no replies are held. Written under {@link #flushing}. */
  private volatile HeldReplies.Hold holding;

  /** The messages of the text that is being assembled. Owned by CometD's flusher. */
  private ClientMessages rendered;

  /**
   * Creates CometD's side of a connection.
   *
   * @param account returns the account that large texts are charged to while they are written
   * @param whenRefused is called when no more texts are handled
   */
  WebSocketReplies(
      WebSocketTransport transport,
      WebSocketCaller caller,
      Session session,
      Supplier<Account> account,
      Runnable whenRefused) {
    super(transport, caller);
    this.transport = transport;
    this.caller = caller;
    this.session = session;
    this.account = account;
    this.whenRefused = whenRefused;
  }

  /**
   * Handles a text: first its messages are handled, then the replies are written. Small replies and
   * messages are written together.
   *
   * @param whenHandled is called once, when the next text may follow. All messages of this text are
   *     handled then, but receipts may be pending. Not called if the connection is refused
   * @param whenWritten is called when the replies are written
   */
  void handle(String text, Runnable whenHandled, Runnable whenWritten) {
    Handling handling = new Handling(whenHandled, whenWritten);
    writer.collect(
        () ->
            handling.receipts.collect(
                () -> transport.handle(caller, () -> onMessage(text, handling))));
  }

  /** The handling of one text. */
  private final class Handling implements Promise<Void> {
    private final RequestReceipts receipts = new RequestReceipts();
    private final Runnable whenHandled;
    private final Runnable whenWritten;
    private final AtomicBoolean handled = new AtomicBoolean();

    Handling(Runnable whenHandled, Runnable whenWritten) {
      this.whenHandled = whenHandled;
      this.whenWritten = whenWritten;
    }

    void handled() {
      if (handled.compareAndSet(false, true)) {
        whenHandled.run();
      }
    }

    @Override
    public void succeed(Void result) {
      writer.afterWritten(whenWritten);
      handled();
    }

    @Override
    public void fail(Throwable failure) {
      LOG.debug("WebSocket closed, a message could not be handled", failure);
      if (failure instanceof WebSocketTransport.UnreadableException unreadable) {
        refuse(unreadable.closeCode(), unreadable.getMessage());
      } else {
        refuse(CloseCodes.UNEXPECTED_CONDITION.getCode(), "a message could not be handled");
      }
    }
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
   * Holds replies back if an answer is expected: it will be written together with them. Otherwise,
   * writes them.
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
      if (holding == null) {
        holding = transport.heldReplies().begin(this);
        transport.heldReplies().add(holding);
      }
    } finally {
      flushing.unlock();
    }
  }

  @Override
  public boolean isHolding(HeldReplies.Hold hold) {
    return holding == hold;
  }

  @Override
  public void writeHeld() {
    write(null, null);
  }

  /**
   * Writes the held replies, and then a flush of CometD, in one message if they are small. Writes
   * under the lock, so that messages are sent in the order in which they were taken. If the session
   * has moved to another connection, this one takes no messages.
   *
   * @param context what to flush; null: only the held replies
   */
  private void write(Context context, Promise<Void> promise) {
    flushing.lock();
    try {
      boolean own = writer.begin();
      try {
        BridgeSession.takeFor(this);
        holding = null;
        for (HeldReply next = held.poll(); next != null; next = held.poll()) {
          super.flush(next.context(), next.promise());
        }
        if (context != null) {
          super.flush(context, promise);
        }
      } finally {
        BridgeSession.takeFor(null);
        if (own) {
          writer.end();
        }
      }
    } finally {
      flushing.unlock();
    }
  }

  /**
   * Notes messages whose text follows in the next {@link #send}, and returns what stands for them.
   * Called by CometD's flusher, which assembles one text at a time.
   */
  String placeholder(ClientMessages messages) {
    if (rendered != null) {
      throw new IllegalStateException("the messages of two writes are in one text");
    }
    rendered = messages;
    return PLACEHOLDER;
  }

  @Override
  protected void send(ServerSession receiver, String data, Promise<Void> promise) {
    ClientMessages messages = rendered;
    rendered = null;
    writer.write(messages == null ? FrameText.of(data) : FrameText.of(data, messages), promise);
  }

  /** Charges a large text while it is written: its client may not read it for a long time. */
  private void sendText(FrameText text, WebSocketOutput.Writing writing) {
    if (text.chars() < CHARGED_CHARS) {
      transport.output().send(session, text, writing);
      return;
    }
    Charged charged = new Charged(account.get(), (long) COPIES * text.chars(), writing);
    try {
      transport.output().send(session, text, charged);
    } catch (RuntimeException notSent) {
      charged.release();
      throw notSent;
    }
  }

  /** A large text, which is charged to its client while it is written. */
  private static final class Charged implements WebSocketOutput.Writing {
    private final Account payer;
    private final long bytes;
    private final WebSocketOutput.Writing writing;
    private final AtomicBoolean charged = new AtomicBoolean(true);

    Charged(Account payer, long bytes, WebSocketOutput.Writing writing) {
      this.payer = payer;
      this.bytes = bytes;
      this.writing = writing;
      payer.charge(Purpose.WRITES, bytes);
    }

    void release() {
      if (charged.compareAndSet(true, false)) {
        payer.release(Purpose.WRITES, bytes);
      }
    }

    @Override
    public void succeeded() {
      release();
      writing.succeeded();
    }

    @Override
    public void failed(Throwable reason) {
      release();
      writing.failed(reason);
    }
  }

  /**
   * Stops handling messages and closes the connection. Messages already given to the socket are
   * written first.
   */
  void refuse(int code, String reason) {
    if (holding != null) {
      writeHeld();
    }
    whenRefused.run();
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
