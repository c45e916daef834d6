package io.longspan.bayeux;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The text messages of one WebSocket, handled one after another: a message is handled when
 * everything in the one before it has its reply, so that what a client sends keeps its order.
 *
 * <p>Messages that wait are bounded for the connection, and charged to the account of its user
 * until they are handled, which bounds them for all connections of the user. Called on any thread;
 * no thread waits.
 */
final class InboundFrames {
  /** A message that need not wait and is not larger is not charged. */
  private static final int SMALL_CHARS = 8 << 10;

  /** What a waiting message costs beside its text. */
  private static final int FRAME_BYTES = 128;

  private static final int BYTES_PER_CHAR = 2;

  /** Handles a text; {@code done} is run once, on any thread, when the next one may follow. */
  interface Handler {
    void handle(String text, Runnable done);
  }

  /** What became of a text. */
  enum Outcome {
    /** It is handled, now or later. */
    ADDED,
    /** Too much waits on this connection. */
    FULL,
    /** The account has no room for it. */
    NO_MEMORY
  }

  /**
   * A message that waits or is handled; {@code account} is charged for it until it is handled,
   * unless it is null. What waits for its replies has no text any more.
   */
  private static final class Frame {
    private final Handler handler;
    private final long cost;
    private String text;
    private Account account;

    Frame(String text, Handler handler, Account account) {
      this.text = text;
      this.cost = cost(text);
      this.handler = handler;
      this.account = account;
    }
  }

  private final long maxWaiting;
  private final Executor executor;
  private final Supplier<Account> owner;
  private final Queue<Frame> waiting = new ArrayDeque<>(2);

  /** Guarded by this, like all fields that change. */
  private Frame handling;

  private long waitingChars;
  private boolean busy;
  private boolean closed;

  /**
   * Creates an empty queue.
   *
   * @param maxWaiting how many characters may wait
   * @param executor runs what follows a text whose handling ended on another thread
   * @param owner returns the account to charge at that moment
   */
  InboundFrames(long maxWaiting, Executor executor, Supplier<Account> owner) {
    this.maxWaiting = maxWaiting;
    this.executor = executor;
    this.owner = owner;
  }

  private static long cost(String text) {
    return FRAME_BYTES + (long) BYTES_PER_CHAR * text.length();
  }

  /** Handles a text when its turn has come, maybe at once. */
  Outcome add(String text, Handler handler) {
    synchronized (this) {
      if (closed) {
        return Outcome.ADDED;
      }
      if (waitingChars + text.length() > maxWaiting) {
        return Outcome.FULL;
      }
      Account account = null;
      if (busy || text.length() > SMALL_CHARS) {
        account = owner.get();
        if (!account.tryCharge(Purpose.INBOUND, cost(text))) {
          return Outcome.NO_MEMORY;
        }
      }
      waiting.add(new Frame(text, handler, account));
      waitingChars += text.length();
      if (busy) {
        return Outcome.ADDED;
      }
      busy = true;
    }
    handleAll();
    return Outcome.ADDED;
  }

  private synchronized Frame next() {
    handling = waiting.poll();
    if (handling == null) {
      busy = false;
    } else {
      waitingChars -= handling.text.length();
    }
    return handling;
  }

  private synchronized void release(Frame frame) {
    frame.text = null;
    if (frame.account != null) {
      frame.account.release(Purpose.INBOUND, frame.cost);
      frame.account = null;
    }
  }

  /** Returns whether nothing waits, and so the next text is handled when it comes. */
  private synchronized boolean becomesIdle() {
    busy = !waiting.isEmpty();
    return !busy;
  }

  /** Handles until nothing waits or the end of something has to be waited for. */
  private void handleAll() {
    for (Frame next = next(); next != null; next = next()) {
      Frame frame = next;
      AtomicBoolean first = new AtomicBoolean();
      frame.handler.handle(
          frame.text,
          () -> {
            release(frame);
            if (!first.compareAndSet(false, true) && !becomesIdle()) {
              executor.execute(this::handleAll);
            }
          });
      if (first.compareAndSet(false, true)) {
        return;
      }
    }
  }

  /** Discards what waits and all that comes. Idempotent. */
  synchronized void close() {
    closed = true;
    waiting.forEach(this::release);
    waiting.clear();
    if (handling != null) {
      release(handling);
    }
    waitingChars = 0;
  }
}
