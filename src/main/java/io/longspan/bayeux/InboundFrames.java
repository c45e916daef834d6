package io.longspan.bayeux;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The text messages of one WebSocket, handled one after another: a message is handled when
 * everything in the one before it has its reply, so that what a client sends keeps its order.
 * Bounded by bytes; no thread waits.
 */
final class InboundFrames {

  /** Handles a text; {@code done} is run once, on any thread, when the next one may follow. */
  interface Handler {
    void handle(String text, Runnable done);
  }

  private record Frame(String text, Handler handler) {}

  private final long maxWaiting;
  private final Executor executor;
  private final Queue<Frame> waiting = new ArrayDeque<>(2);
  private long waitingChars;
  private boolean busy;

  /**
   * Creates an empty queue.
   *
   * @param maxWaiting how many characters may wait
   * @param executor runs what follows a text whose handling ended on another thread
   */
  InboundFrames(long maxWaiting, Executor executor) {
    this.maxWaiting = maxWaiting;
    this.executor = executor;
  }

  /** Handles a text when its turn has come, maybe at once; returns whether there was room. */
  boolean add(String text, Handler handler) {
    synchronized (this) {
      if (waitingChars + text.length() > maxWaiting) {
        return false;
      }
      waiting.add(new Frame(text, handler));
      waitingChars += text.length();
      if (busy) {
        return true;
      }
      busy = true;
    }
    handleAll();
    return true;
  }

  private synchronized Frame next() {
    Frame next = waiting.poll();
    if (next == null) {
      busy = false;
    } else {
      waitingChars -= next.text().length();
    }
    return next;
  }

  /** Returns whether nothing waits, and so the next text is handled when it comes. */
  private synchronized boolean becomesIdle() {
    busy = !waiting.isEmpty();
    return !busy;
  }

  /** Handles until nothing waits or the end of something has to be waited for. */
  private void handleAll() {
    for (Frame frame = next(); frame != null; frame = next()) {
      AtomicBoolean first = new AtomicBoolean();
      frame
          .handler()
          .handle(
              frame.text(),
              () -> {
                if (!first.compareAndSet(false, true) && !becomesIdle()) {
                  executor.execute(this::handleAll);
                }
              });
      if (first.compareAndSet(false, true)) {
        return;
      }
    }
  }
}
