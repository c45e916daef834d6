package io.longspan.bridge;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import io.longspan.protocol.Payload;
import java.util.List;

/**
 * The memory of one outbox, charged to its user. A payload that several outboxes hold is charged to
 * the process once.
 *
 * <p>Not thread-safe except {@link #requestRelief}: {@link ClientOutbox} guards it.
 */
final class OutboxMemory {
  /** Estimated heap of a waiting message without its payload, in bytes. */
  private static final int ENTRY = 48;

  private final Account user;
  private final Account process;
  private long held;
  private boolean closed;

  /**
   * Creates an account without charges.
   *
   * @param user the memory account of the outbox's user
   * @param process the memory account of all users
   */
  OutboxMemory(Account user, Account process) {
    this.user = user;
    this.process = process;
  }

  void hold(Payload payload) {
    if (closed) {
      return;
    }
    int bytes = payload.heapBytes();
    held += bytes + ENTRY;
    user.chargeHere(bytes + ENTRY);
    if (payload.hold()) {
      process.chargeDeferred(Purpose.OUTBOX, bytes);
    }
  }

  void release(Payload payload) {
    if (closed) {
      return;
    }
    int bytes = payload.heapBytes();
    held -= bytes + ENTRY;
    user.releaseHere(bytes + ENTRY);
    if (payload.release()) {
      process.release(Purpose.OUTBOX, bytes);
    }
  }

  /** Returns whether a payload fits into the user's limit on its own. */
  boolean canHold(Payload payload) {
    return payload.heapBytes() + ENTRY <= user.limit();
  }

  /** Returns whether payloads fit into the user's limit beside what is charged already. */
  boolean hasRoomFor(List<Payload> payloads) {
    long bytes = 0;
    for (Payload payload : payloads) {
      bytes += payload.heapBytes() + ENTRY;
    }
    return user.used() + bytes <= user.limit();
  }

  /** Returns the bytes that are charged to the user. */
  long held() {
    return held;
  }

  /** Stops charging. The caller must have released everything before. */
  void close() {
    closed = true;
  }

  /**
   * Returns whether the outbox cannot wait for memory to be shed. That is so if the user has also
   * used up its reserve. It is also so if the process has, and the user's account is not small.
   */
  boolean isExhausted() {
    return user.isExhausted() || (process.isExhausted() && !user.isSmall());
  }

  /**
   * Returns whether more than three quarters of a limit are in use: of the user's, or of the
   * process's if the user's account is not small.
   */
  boolean isScarce() {
    return user.isScarce() || (process.isScarce() && !user.isSmall());
  }

  /** Requests that memory be shed if a limit is exceeded. The caller must hold no lock. */
  void requestRelief() {
    user.requestRelief();
    process.requestRelief();
  }
}
