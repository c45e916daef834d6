package io.longspan.bridge;

import io.longspan.protocol.Notice;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Ends the service of a bridge that will stop, without errors for its clients. Requests in flight
 * may end, queued messages are delivered, and clients may move to another bridge.
 *
 * <p>The clients are told a few at a time, because the other bridges must take all of them.
 */
final class Draining {
  /**
   * How long the bridge waits for clients without open work after the last one has left, or was
   * told to, in milliseconds. Many clients need some time in total, because they spread their
   * moves.
   */
  static final long MOVE_TIME = 2000;

  /** The time between two steps, in milliseconds. */
  static final long STEP = 100;

  /** How many clients are told in one step; more if the steps would take too long. */
  static final int CLIENTS_PER_STEP = 20;

  /** All clients are told within this part of the maximum duration. */
  private static final long TELLING_PART = 4;

  private final SessionRegistry sessions;
  private final Scheduler scheduler;
  private final Ticker ticker;
  private final long timeout;

  /** The clients that are not told yet. */
  private final Queue<ConnectedClient> untold = new ConcurrentLinkedQueue<>();

  private boolean begun;
  private volatile long since;

  /** When the last clients were told. */
  private volatile long toldAt;

  /** The smallest number of connected clients so far; after the start of the waiting thread. */
  private long fewest;

  /** When a client left last; after the start of the waiting thread. */
  private long lastLeft;

  /**
   * Creates a draining that has not started.
   *
   * @param timeout the maximum duration, in milliseconds
   */
  Draining(SessionRegistry sessions, Scheduler scheduler, Ticker ticker, long timeout) {
    this.sessions = sessions;
    this.scheduler = scheduler;
    this.ticker = ticker;
    this.timeout = timeout;
  }

  /**
   * Starts draining, and begins to notify the clients to move. Never blocks.
   *
   * @return whether this is the first call
   */
  boolean begin() {
    List<ConnectedClient> clients;
    synchronized (this) {
      if (begun) {
        return false;
      }
      clients = sessions.clients();
      untold.addAll(clients);
      since = ticker.millis();
      toldAt = since;
      fewest = clients.stream().filter(c -> c.session().isConnected()).count();
      lastLeft = since;
      begun = true;
    }
    long steps = Math.max(1, timeout / TELLING_PART / STEP);
    tellStep((int) Math.max(CLIENTS_PER_STEP, 1 + clients.size() / steps));
    return true;
  }

  private void tellStep(int clients) {
    for (int i = 0; i < clients; i++) {
      ConnectedClient next = untold.poll();
      if (next == null) {
        return;
      }
      toldAt = ticker.millis();
      tell(next.session());
    }
    scheduler.schedule(() -> tellStep(clients), STEP);
  }

  /** Notifies the clients that are not told yet. */
  void tellAll() {
    for (ConnectedClient next = untold.poll(); next != null; next = untold.poll()) {
      tell(next.session());
    }
  }

  /** Notifies a client that has connected after the handshake was still accepted. */
  void connected(ClientSession session) {
    if (isBegun() && session.isConnected()) {
      tell(session);
    }
  }

  private static void tell(ClientSession session) {
    session.tell(new Notice.BridgeStatus("draining", Optional.empty()));
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
    boolean busy = !untold.isEmpty();
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
    return connected == 0 || (!busy && now - Math.max(lastLeft, toldAt) >= MOVE_TIME);
  }
}
