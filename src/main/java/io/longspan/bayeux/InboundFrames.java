package io.longspan.bayeux;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The text messages of one WebSocket, handled one after another in the order received. The next
 * message is handled when the handler of the previous one has run its {@code done}.
 *
 * <p>Waiting messages are bounded for each connection. They are also charged to the user's account
 * until they are handled, so all connections of a user share that bound. May be called on any
 * thread; never blocks.
 */
final class InboundFrames {
  /** A message up to this length is not charged if it is handled at once. */
  private static final int SMALL_CHARS = 8 << 10;

  /** Heap of a waiting message in addition to its text, in bytes. */
  private static final int FRAME_BYTES = 128;

  private static final int BYTES_PER_CHAR = 2;

  /**
   * Handles a text. It must run {@code done} once, on any thread, when the next text may be
   * handled.
   */
  interface Handler {
    void handle(String text, Runnable done);
  }

  /** The result of adding a text. */
  enum Outcome {
    /** The text is handled, now or later. A closed queue discards it. */
    ADDED,
    /** Too many characters wait on this connection. */
    FULL,
    /** The account has no room for the text. */
    NO_MEMORY
  }

  /**
   * A message that waits or is being handled. {@code account} is charged for it until it is
   * handled; null if nothing is charged. {@code text} is null after that.
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

  /** The message being handled. Guarded by this, like {@code waiting} and the fields below. */
  private Frame handling;

  private long waitingChars;
  private boolean busy;
  private boolean closed;

  /**
   * Creates an empty queue.
   *
   * @param maxWaiting the maximum number of characters that wait
   * @param executor continues after a text whose {@code done} ran on another thread
   * @param owner returns the account to charge at the time of the call
   */
  InboundFrames(long maxWaiting, Executor executor, Supplier<Account> owner) {
    this.maxWaiting = maxWaiting;
    this.executor = executor;
    this.owner = owner;
  }

  private static long cost(String text) {
    return FRAME_BYTES + (long) BYTES_PER_CHAR * text.length();
  }

  /**
   * Handles a text in its turn. If nothing waits before it, this thread handles it before the
   * method returns.
   */
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

  /** Marks the queue as idle if no message waits, and returns whether it is idle. */
  private synchronized boolean becomesIdle() {
    busy = !waiting.isEmpty();
    return !busy;
  }

  /** Handles messages until none waits, or until one does not run {@code done} at once. */
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

  /** Discards the waiting messages and all later ones, and releases the charges. Idempotent. */
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
