package io.longspan.bridge;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.budget.Purpose;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory of retained messages: each byte is charged to the process, and also to a user while
 * nobody else causes it to be retained. Both have a share of their account at most.
 *
 * <p>Called on any thread; never blocks.
 */
final class RetainedBytes {
  /** Retained messages have this part of what a user, or the process, may use at all. */
  private static final int PART = 2;

  private final MemoryBudget memory;
  private final long share;
  private final AtomicLong used = new AtomicLong();
  private final LoadingCache<String, Holder> holders =
      Caffeine.newBuilder().weakValues().build(Holder::new);

  RetainedBytes(MemoryBudget memory) {
    this.memory = memory;
    this.share = memory.process().limit() / PART;
  }

  /** What one user causes to be retained. It lives as long as a topic refers to it. */
  final class Holder {
    private final Account account;
    private final long limit;
    private final AtomicLong held = new AtomicLong();

    Holder(String user) {
      this.account = memory.user(user);
      this.limit = account.limit() / PART;
    }

    /** Returns the bytes that have to be freed before so many more may be retained. */
    long lacking(long bytes) {
      long present = held.get();
      return Math.max(
          present + bytes - limit, Math.min(present, account.used() + bytes - account.limit()));
    }

    /** Returns the most bytes that may be retained. */
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

  /** Returns the holder for a user. */
  Holder holder(String user) {
    return holders.get(user);
  }

  /** Returns the bytes that have to be freed before so many more may be retained by the process. */
  long lacking(long bytes) {
    Account process = memory.process();
    return Math.max(
        used.get() + bytes - share, Math.min(used.get(), process.used() + bytes - process.limit()));
  }

  /** Returns the most bytes that may be retained in all. */
  long limit() {
    return share;
  }

  long used() {
    return used.get();
  }

  /** The charge of one topic; its owner guards it. */
  final class Charge {
    private long bytes;
    private volatile Holder holder;

    /** Returns whether so many more bytes may be retained, and charges them. */
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

    /** Returns the user who alone causes it; null: several do, or nobody yet. Any thread. */
    Holder holder() {
      return holder;
    }

    /** Charges another user, or no single one (null), from now on. */
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

  /** Returns an empty charge, of nobody. */
  Charge newCharge() {
    return new Charge();
  }
}
