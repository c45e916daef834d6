package io.longspan.bayeux;

import io.longspan.budget.Account;
import io.longspan.identity.Identity;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One open WebSocket: its user, and the account that is charged for received bytes. It has the user
 * of its upgrade, or none at first: then it is a stranger. It gets a user at most once.
 *
 * <p>May be used on any thread; never blocks.
 */
final class OpenSocket {
  /** Closes the connection; must not block. */
  @FunctionalInterface
  interface Closer {
    void close(int code, String reason);
  }

  private final OpenSockets sockets;
  private final String network;
  private final Closer closer;
  private final long openedAt;
  private final PartialText partial = new PartialText(this::account);
  private volatile Account account;
  private volatile Optional<Identity> user = Optional.empty();

  private final AtomicBoolean ending = new AtomicBoolean();

  /** Guarded by this. */
  private boolean closed;

  OpenSocket(OpenSockets sockets, String network, Account stranger, Closer closer, long openedAt) {
    this.sockets = sockets;
    this.network = network;
    this.account = stranger;
    this.closer = closer;
    this.openedAt = openedAt;
  }

  /** Returns the account to charge now: the user's, or the strangers'. */
  Account account() {
    return account;
  }

  /** Returns whether the connection has no user. */
  boolean isStranger() {
    return user.isEmpty();
  }

  /** Returns the partially received message. */
  PartialText partial() {
    return partial;
  }

  /** Returns the maximum size of a message, in bytes of UTF-8. */
  int maxMessageBytes() {
    return isStranger() ? sockets.maxStrangerBytes() : sockets.maxMessageBytes();
  }

  /**
   * Assigns a user to the connection, unless it has one or is closed.
   *
   * @return false if the user has too many connections; the rejection is counted
   */
  synchronized boolean assignTo(Identity identity) {
    if (closed || user.isPresent()) {
      return true;
    }
    if (!sockets.countUser(identity.user())) {
      sockets.ended(SocketEnd.USER_LIMIT, this);
      return false;
    }
    sockets.noStranger(this);
    account = sockets.accountOf(identity.user());
    user = Optional.of(identity);
    return true;
  }

  /**
   * Closes the connection with a reason, which is counted and logged. Only the first call has an
   * effect.
   */
  void end(SocketEnd reason) {
    if (ending.compareAndSet(false, true)) {
      sockets.ended(reason, this);
      closer.close(reason.closeCode(), reason.text());
    }
  }

  /**
   * Ends the connection if it has no user in time, or if a message is incomplete for too long.
   *
   * @param now the time of the bridge's ticker, in milliseconds
   */
  void sweep(long now) {
    if (isStranger() && now - openedAt >= OpenSockets.STRANGER_MILLIS) {
      end(SocketEnd.NOT_SIGNED_IN);
    } else if (partial.isOlderThan(sockets.messageMillis(), now)) {
      end(SocketEnd.SLOW_MESSAGE);
    }
  }

  /** Returns whether the connection is closed. */
  synchronized boolean isClosed() {
    return closed;
  }

  /**
   * Releases everything that the connection holds. Call it after the connection is closed.
   * Idempotent.
   */
  void closed() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    partial.close();
    sockets.remove(this, user);
  }

  @Override
  public String toString() {
    return user.map(known -> "user=" + known.loggable()).orElse("stranger") + " address=" + network;
  }
}
