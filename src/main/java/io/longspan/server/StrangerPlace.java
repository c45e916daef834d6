package io.longspan.server;

import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * The place of one connection, or of one stream of HTTP/2, in {@link StrangerConnections}. It gets
 * a user at most once, and is then no stranger any more.
 *
 * <p>May be used on any thread; never blocks.
 */
final class StrangerPlace {
  private final StrangerConnections strangers;
  private final String network;
  private final long baseBytes;
  private final Consumer<TimeoutException> closer;
  private final Object ownerLock = new Object();

  /** User of the connection or stream, or null; written under {@code ownerLock}. */
  private volatile String user;

  /** Guarded by {@code ownerLock}. */
  private boolean closed;

  /**
   * Creates a place that is not yet occupied.
   *
   * @param network the address whose bound applies
   * @param baseBytes weight in every state, in bytes
   * @param closer closes the connection or stream; must not block
   */
  StrangerPlace(
      StrangerConnections strangers,
      String network,
      long baseBytes,
      Consumer<TimeoutException> closer) {
    this.strangers = strangers;
    this.network = network;
    this.baseBytes = baseBytes;
    this.closer = closer;
  }

  /** Occupies the place; called once. The new one may be displaced at once. */
  void open(long bytes) {
    strangers.opened(network, this, baseBytes + bytes);
  }

  /** Returns whether there is no user yet. */
  boolean isStranger() {
    return user == null;
  }

  /** Changes the weight, unless there is a user. */
  void weigh(long bytes) {
    if (user == null) {
      strangers.weigh(this, baseBytes + bytes);
    }
  }

  /** Changes the weight and makes this the newest, unless there is a user. */
  void renew(long bytes) {
    if (user == null) {
      strangers.renew(this, baseBytes + bytes);
    }
  }

  /**
   * Assigns a user, unless there is one. If the user has too many connections, this one stays a
   * stranger.
   */
  void signedIn(String name) {
    if (user != null) {
      return;
    }
    synchronized (ownerLock) {
      if (user == null && !closed && strangers.signedIn(this, name)) {
        user = name;
      }
    }
  }

  /** Frees the place. Idempotent. */
  void close() {
    synchronized (ownerLock) {
      if (closed) {
        return;
      }
      closed = true;
    }
    strangers.closed(this, user);
  }

  /** Closes the connection or stream, because newer ones need its place. */
  void displace() {
    closer.accept(new TimeoutException("newer connections need its place"));
  }
}
