package io.longspan.bridge;

import io.longspan.protocol.Notice;
import java.util.Optional;

/**
 * Ends the service of a bridge that will stop, without errors for its clients. Requests in flight
 * may end, queued messages are delivered, and clients may move to another bridge.
 */
final class Draining {
  /** How long clients without open work have to move before the bridge stops, in milliseconds. */
  static final long MOVE_TIME = 2000;

  private final SessionRegistry sessions;
  private final Ticker ticker;
  private final long timeout;
  private boolean begun;
  private volatile long since;

  /**
   * Creates a draining that has not started.
   *
   * @param timeout the maximum duration, in milliseconds
   */
  Draining(SessionRegistry sessions, Ticker ticker, long timeout) {
    this.sessions = sessions;
    this.ticker = ticker;
    this.timeout = timeout;
  }

  /** Starts draining and notifies the clients to move. Returns whether this is the first call. */
  boolean begin() {
    synchronized (this) {
      if (begun) {
        return false;
      }
      since = ticker.millis();
      begun = true;
    }
    sessions
        .clients()
        .forEach(client -> client.tell(new Notice.BridgeStatus("draining", Optional.empty())));
    return true;
  }

  synchronized boolean isBegun() {
    return begun;
  }

  /** Returns whether the bridge has finished waiting for its clients. */
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
