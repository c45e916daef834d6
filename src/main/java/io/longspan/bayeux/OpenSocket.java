package io.longspan.bayeux;

import io.longspan.budget.Account;
import io.longspan.security.Identity;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One WebSocket that is open: who has it, and whom its received bytes are charged to. It begins
 * with the user of its upgrade, or as a stranger's, and gets its user at most once.
 */
final class OpenSocket {
  /** Closes the connection; does not block. */
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

  /** Returns the account that is charged for what arrives now. */
  Account account() {
    return account;
  }

  /** Returns whether it has no user. */
  boolean isStranger() {
    return user.isEmpty();
  }

  /** Returns the message that has come in part. */
  PartialText partial() {
    return partial;
  }

  /** Returns how many bytes a message may have. */
  int maxMessageBytes() {
    return isStranger() ? sockets.maxStrangerBytes() : sockets.maxMessageBytes();
  }

  /**
   * Gives the connection to a user, unless it has one.
   *
   * @return false if the user has too many; the refusal is counted
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

  /** Closes the connection for a reason, which is counted and logged; the first one counts. */
  void end(SocketEnd reason) {
    if (ending.compareAndSet(false, true)) {
      sockets.ended(reason, this);
      closer.close(reason.closeCode(), reason.text());
    }
  }

  /** Ends it if it is too slow. */
  void sweep(long now) {
    if (isStranger() && now - openedAt >= OpenSockets.STRANGER_MILLIS) {
      end(SocketEnd.NOT_SIGNED_IN);
    } else if (partial.begun() != 0 && now - partial.begun() >= sockets.messageMillis()) {
      end(SocketEnd.SLOW_MESSAGE);
    }
  }

  /** Frees all that it holds. Idempotent. */
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
