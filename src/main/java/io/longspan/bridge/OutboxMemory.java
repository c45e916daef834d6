package io.longspan.bridge;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import io.longspan.protocol.Payload;

/**
 * The memory that one outbox holds, charged to its user. A payload that many clients hold is
 * charged to the process once.
 *
 * <p>Not thread-safe but for {@link #requestRelief}: {@link ClientOutbox} guards it.
 */
final class OutboxMemory {
  /** What a waiting message takes beside its payload, in bytes of heap. */
  private static final int ENTRY = 48;

  private final Account user;
  private final Account process;
  private long held;
  private boolean closed;

  /**
   * Creates an empty account of one outbox.
   *
   * @param user the account of the outbox's user
   * @param process the account of all users together
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

  /** Returns whether a payload fits into what the user may hold at all. */
  boolean canHold(Payload payload) {
    return payload.heapBytes() + ENTRY <= user.limit();
  }

  /** Returns the bytes that are charged to the user. */
  long held() {
    return held;
  }

  /** From now on nothing is charged; everything that was held must have been released. */
  void close() {
    closed = true;
  }

  /**
   * Returns whether this user holds so much that not even shedding can be awaited: an eighth more
   * than its limit, or a good part of a process that is used up.
   */
  boolean isExhausted() {
    return user.isExhausted() || (process.isExhausted() && !user.isSmall());
  }

  /** Asks for memory to be shed if a limit is exceeded. The caller must hold no lock. */
  void requestRelief() {
    user.requestRelief();
    process.requestRelief();
  }
}
