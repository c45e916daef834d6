package io.longspan.bridge;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Accounts for the memory of retained messages. Each byte is charged to the process. It is also
 * charged to a user, as long as this user alone causes it. Both may use only a part of their
 * account for it.
 *
 * <p>Called on any thread; never blocks.
 */
final class RetainedBytes {
  /** Retained messages may use the limit of a user, or of the process, divided by this. */
  private static final int PART = 2;

  private final MemoryBudget memory;
  private final long share;
  private final AtomicLong used = new AtomicLong();
  private final LoadingCache<String, Holder> holders =
      Caffeine.newBuilder().weakValues().executor(Runnable::run).build(Holder::new);

  RetainedBytes(MemoryBudget memory) {
    this.memory = memory;
    this.share = memory.process().limit() / PART;
  }

  /** The retained bytes that one user alone causes. It exists as long as a topic refers to it. */
  final class Holder {
    private final Account account;
    private final long limit;
    private final AtomicLong held = new AtomicLong();

    Holder(String user) {
      this.account = memory.user(user);
      this.limit = account.limit() / PART;
    }

    /** Returns the bytes that must be freed before this many more fit; 0 or less if none. */
    long lacking(long bytes) {
      long present = held.get();
      return Math.max(
          present + bytes - limit, Math.min(present, account.used() + bytes - account.limit()));
    }

    /** Returns the maximum of retained bytes of this user. */
    long limit() {
      return limit;
    }

    String user() {
      return account.holder();
    }

    private void add(long bytes) {
      held.addAndGet(bytes);
      account.chargeHere(bytes);
    }

    private void remove(long bytes) {
      held.addAndGet(-bytes);
      account.releaseHere(bytes);
    }
  }

  Holder holder(String user) {
    return holders.get(user);
  }

  /**
   * Returns the bytes that must be freed before this many more fit into the process; 0 or less if
   * none.
   */
  long lacking(long bytes) {
    Account process = memory.process();
    return Math.max(
        used.get() + bytes - share, Math.min(used.get(), process.used() + bytes - process.limit()));
  }

  /** Returns the maximum of retained bytes in total. */
  long limit() {
    return share;
  }

  long used() {
    return used.get();
  }

  /** The charge of one topic. The owner guards it, except {@link #holder}. */
  final class Charge {
    private long bytes;
    private volatile Holder holder;

    /** Charges more bytes; returns false if they do not fit. */
    boolean tryAdd(long more) {
      Holder present = holder;
      if ((present != null && present.lacking(more) > 0)
          || used.get() + more > share
          || !memory.process().tryCharge(Purpose.RETAINED, more)) {
        return false;
      }
      used.addAndGet(more);
      if (present != null) {
        present.add(more);
      }
      bytes += more;
      return true;
    }

    void remove(long fewer) {
      memory.process().release(Purpose.RETAINED, fewer);
      used.addAndGet(-fewer);
      if (holder != null) {
        holder.remove(fewer);
      }
      bytes -= fewer;
    }

    long bytes() {
      return bytes;
    }

    /**
     * Returns the user who alone causes the bytes; null if several users do, or none yet. Called on
     * any thread.
     */
    Holder holder() {
      return holder;
    }

    /** Moves the charge to another user; null for no single user. */
    void chargeTo(Holder next) {
      Holder last = holder;
      if (next == last) {
        return;
      }
      if (last != null) {
        last.remove(bytes);
      }
      if (next != null) {
        next.add(bytes);
      }
      holder = next;
    }
  }

  /** Returns a charge of no bytes and no user. */
  Charge newCharge() {
    return new Charge();
  }
}
