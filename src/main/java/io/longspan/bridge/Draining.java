package io.longspan.bridge;

import io.longspan.protocol.Answer;

/**
 * Lets the clients of a bridge that is to stop go without an error: open requests may end, what is
 * queued is delivered, and who can moves to another bridge.
 */
final class Draining {
  /** How long clients with nothing open have to move before the bridge stops, in milliseconds. */
  static final long MOVE_TIME = 2000;

  private final SessionRegistry sessions;
  private final Ticker ticker;
  private final long timeout;
  private boolean begun;
  private volatile long since;

  /**
   * Creates a bridge's draining, which has not begun.
   *
   * @param timeout how long it may take, in milliseconds
   */
  Draining(SessionRegistry sessions, Ticker ticker, long timeout) {
    this.sessions = sessions;
    this.ticker = ticker;
    this.timeout = timeout;
  }

  /** Tells the clients to move; returns whether this is the first time. */
  boolean begin() {
    synchronized (this) {
      if (begun) {
        return false;
      }
      since = ticker.millis();
      begun = true;
    }
    sessions.clients().forEach(client -> client.tell(new Answer.BridgeStatus("draining")));
    return true;
  }

  synchronized boolean isBegun() {
    return begun;
  }

  /** Returns whether the bridge need not wait any longer. */
  boolean isDone() {
    long passed = ticker.millis() - since;
    return isBegun() && (passed >= timeout || nobodyWaits(passed));
  }

  private boolean nobodyWaits(long passed) {
    boolean somebody = false;
    for (ConnectedClient client : sessions.clients()) {
      if (client.session().isConnected()) {
        if (client.requests().waiting(ticker.millis()) > 0 || client.outbox().hasWaiting()) {
          return false;
        }
        somebody = true;
      }
    }
    return !somebody || passed >= MOVE_TIME;
  }
}
