package io.longspan.bridge;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BooleanSupplier;

/**
 * Holds answers to one client that may belong to a request whose message id is not known yet.
 *
 * <p>The provider sets the {@code JMSMessageID} while it sends a message. A fast service can answer
 * before that call has returned. So messages wait here until each request on its way has its id.
 * They keep their order.
 *
 * <p>Called on any thread; never blocks. Messages are routed without the lock.
 */
final class EarlyAnswers {
  /** The maximum number of messages held; a further one is routed at once. */
  static final int MAX_HELD = 1_000;

  /**
   * A message that is held.
   *
   * @param isRecognised returns whether the message needs no further message id: it belongs to a
   *     known request, or to none
   * @param route routes the message
   */
  private record Held(BooleanSupplier isRecognised, Runnable route) {}

  /** Guarded by this, like the fields below. */
  private final Queue<Held> held = new ArrayDeque<>(4);

  private int withoutId;
  private boolean releasing;

  /** A request is handed to the broker. */
  synchronized void begin() {
    withoutId++;
  }

  /** The message id of a request is known, or the request has failed. Routes what waited for it. */
  void end() {
    synchronized (this) {
      withoutId--;
      if (releasing) {
        return;
      }
      releasing = true;
    }
    Held next;
    while ((next = next()) != null) {
      next.route.run();
    }
  }

  private synchronized Held next() {
    Held first = held.peek();
    if (first != null && isReady(first.isRecognised)) {
      return held.poll();
    }
    releasing = false;
    return null;
  }

  /**
   * Holds a message back if it may belong to a request without a message id, or if earlier messages
   * are held.
   *
   * @return false if the caller must route the message now
   */
  synchronized boolean hold(BooleanSupplier isRecognised, Runnable route) {
    boolean first = held.isEmpty() && !releasing;
    if (held.size() >= MAX_HELD || (first && isReady(isRecognised))) {
      return false;
    }
    return held.add(new Held(isRecognised, route));
  }

  private boolean isReady(BooleanSupplier isRecognised) {
    return withoutId == 0 || isRecognised.getAsBoolean();
  }
}
