package io.longspan.bridge;

import io.longspan.protocol.Notice;
import java.util.Optional;

/**
 * Ends the service of a bridge that will stop, without errors for its clients. Requests in flight
 * may end, queued messages are delivered, and clients may move to another bridge.
 */
final class Draining {
  /**
   * How long the bridge waits for clients without open work after the last one has left, in
   * milliseconds. Many clients need some time in total, because they spread their moves.
   */
  static final long MOVE_TIME = 2000;

  private final SessionRegistry sessions;
  private final Ticker ticker;
  private final long timeout;
  private boolean begun;
  private volatile long since;

  /** The smallest number of connected clients so far; after the start of the waiting thread. */
  private long fewest;

  /** When a client left last; after the start of the waiting thread. */
  private long lastLeft;

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
      fewest = sessions.clients().stream().filter(c -> c.session().isConnected()).count();
      lastLeft = since;
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

  /** Returns whether the bridge has finished waiting for its clients. Called by one thread. */
  boolean isDone() {
    long now = ticker.millis();
    return isBegun() && (now - since >= timeout || nobodyMoves(now));
  }

  private boolean nobodyMoves(long now) {
    long connected = 0;
    boolean busy = false;
    for (ConnectedClient client : sessions.clients()) {
      if (client.session().isConnected()) {
        connected++;
        busy |= client.requests().waiting(now) > 0 || client.outbox().hasWaiting();
      }
    }
    if (connected < fewest) {
      fewest = connected;
      lastLeft = now;
    }
    return connected == 0 || (!busy && now - lastLeft >= MOVE_TIME);
  }
}
