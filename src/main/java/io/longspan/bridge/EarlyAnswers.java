package io.longspan.bridge;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import io.longspan.protocol.BrokerMessage;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Predicate;

/**
 * Holds answers to one client that may belong to a request whose message id is not known yet.
 *
 * <p>The provider sets the {@code JMSMessageID} while it sends a message. A fast service can answer
 * before that call has returned. So messages wait here until each request on its way has its id.
 * They keep their order, and are charged to the user.
 *
 * <p>Called on any thread; never blocks. Messages are routed without the lock.
 */
final class EarlyAnswers {
  /** The maximum number of messages held; a further one is routed at once. */
  static final int MAX_HELD = 1_000;

  /** Estimated heap of a message without its text, in bytes. */
  private static final int MESSAGE_BYTES = 1_024;

  /** Estimated heap of a body that is not a text, in bytes. */
  private static final int BODY_BYTES = 64 << 10;

  private record Held(BrokerMessage message, Runnable route) {}

  private final Account account;
  private final Predicate<BrokerMessage> isRecognised;

  /** Guarded by this, like the fields below. */
  private final Queue<Held> held = new ArrayDeque<>(4);

  private int withoutId;
  private boolean releasing;

  /**
   * Creates an empty queue.
   *
   * @param account the user's account, which the messages are charged to
   * @param isRecognised returns whether a message needs no further message id: it belongs to a
   *     known request, or to none
   */
  EarlyAnswers(Account account, Predicate<BrokerMessage> isRecognised) {
    this.account = account;
    this.isRecognised = isRecognised;
  }

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
      account.release(Purpose.REQUESTS, bytes(next.message));
      next.route.run();
    }
  }

  private synchronized Held next() {
    Held first = held.peek();
    if (first != null && isReady(first.message)) {
      return held.poll();
    }
    releasing = false;
    return null;
  }

  /**
   * Holds a message back if it may belong to a request without a message id, or if earlier messages
   * are held.
   *
   * @param route routes the message
   * @return false if the caller must route the message now
   */
  synchronized boolean hold(BrokerMessage message, Runnable route) {
    boolean first = held.isEmpty() && !releasing;
    if ((first && isReady(message))
        || held.size() >= MAX_HELD
        || !account.tryCharge(Purpose.REQUESTS, bytes(message))) {
      return false;
    }
    return held.add(new Held(message, route));
  }

  private boolean isReady(BrokerMessage message) {
    return withoutId == 0 || isRecognised.test(message);
  }

  private static long bytes(BrokerMessage message) {
    Object body = message.body();
    if (body == null) {
      return MESSAGE_BYTES;
    }
    return MESSAGE_BYTES + (body instanceof String text ? 2L * text.length() : BODY_BYTES);
  }
}
