package io.longspan.client;

import io.longspan.client.Incoming.BridgeStatus;
import io.longspan.client.Incoming.Delivered;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Future;

/**
 * Moves a client from a draining bridge to another one. It connects there while the old link
 * continues, with as many attempts as necessary, and changes over as soon as nothing is in flight.
 * Used on the loop only.
 */
final class Move implements Link.Listener {
  /** Messages that are kept: they may come over the new link alone. */
  private static final int MAX_PUSHES = 1_000;

  /** What a move needs of its client. */
  interface Host {
    Link newLink(Link.Listener listener);

    /** Whether no request or subscription is in flight that a move would lose. */
    boolean isIdle();

    /** The new link is connected, and belongs to the client from now on. */
    void moved(Link link, ConnectInfo info, List<Message> pushes);
  }

  private final Host host;
  private final Loop loop;
  private final Backoff backoff;
  private final String leftBridge;
  private final Deque<Message> pushes = new ArrayDeque<>();
  private Link link;
  private ConnectInfo info;
  private Future<?> timer;

  /**
   * @param leftBridge the id of the draining bridge, or null
   */
  Move(Host host, Loop loop, Backoff backoff, String leftBridge) {
    this.host = host;
    this.loop = loop;
    this.backoff = backoff;
    this.leftBridge = leftBridge;
  }

  /** Connects after a while, which spreads the clients over time. */
  void start() {
    stop();
    timer = loop.later(backoff.next(), this::connect);
  }

  private void connect() {
    link = host.newLink(this);
    link.open();
  }

  void tryNow() {
    if (link != null && info != null && host.isIdle()) {
      Link ready = link;
      link = null;
      host.moved(ready, info, List.copyOf(pushes));
    }
  }

  void stop() {
    Loop.cancel(timer);
    Link left = link;
    link = null;
    info = null;
    pushes.clear();
    if (left != null) {
      left.leave();
      left.close(true);
    }
  }

  @Override
  public void connected(ConnectInfo connected, boolean resumed) {
    if (leftBridge != null && connected.bridgeId().orElse("").equals(leftBridge)) {
      start();
      return;
    }
    info = connected;
    tryNow();
  }

  @Override
  public void interrupted() {
    info = null;
  }

  @Override
  public void received(Incoming incoming) {
    // Without an id, a duplicate from the old link could not be recognised.
    if (incoming instanceof Delivered delivered && delivered.message().messageId().isPresent()) {
      pushes.add(delivered.message());
      if (pushes.size() > MAX_PUSHES) {
        pushes.remove();
      }
    } else if (incoming instanceof BridgeStatus event && event.status().equals("draining")) {
      start();
    }
  }

  @Override
  public void overrun() {
    // The topics are subscribed after the move.
  }

  @Override
  public void failed(LongspanException error) {
    start();
  }
}
