package io.longspan.budget;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * What one holder uses, within a limit. A charge counts for the account and for its parent.
 *
 * <p>Called on any thread; never blocks. A caller that charges an account keeps a reference to it
 * until it has released the same number of bytes.
 */
public final class Account {
  private final String holder;
  private final Account parent;
  private final long limit;
  private final Consumer<Account> whenOver;
  private final MemoryBudget.Usage usage;
  private final AtomicLong used = new AtomicLong();

  /**
   * Creates an empty account.
   *
   * @param parent null for a root
   * @param limit bytes
   * @param whenOver is called on the charging thread each time a charge exceeds the limit; must
   *     return at once
   */
  Account(
      String holder,
      Account parent,
      long limit,
      MemoryBudget.Usage usage,
      Consumer<Account> whenOver) {
    this.holder = holder;
    this.parent = parent;
    this.limit = limit;
    this.usage = usage;
    this.whenOver = whenOver;
  }

  /**
   * Charges bytes, unless this account or its parent would then exceed its limit.
   *
   * @param bytes at least 0
   * @return false if nothing was charged; the refusal is counted
   */
  public boolean tryCharge(Purpose purpose, long bytes) {
    if (used.addAndGet(bytes) > limit) {
      used.addAndGet(-bytes);
      usage.refused(purpose);
      whenOver.accept(this);
      return false;
    }
    if (parent == null) {
      usage.add(purpose, bytes);
      return true;
    }
    boolean charged = parent.tryCharge(purpose, bytes);
    if (!charged) {
      used.addAndGet(-bytes);
    }
    return charged;
  }

  /**
   * Charges bytes in any case: for what can no longer be refused. An account that exceeds its limit
   * then asks for memory to be shed.
   *
   * @param bytes at least 0
   */
  public void charge(Purpose purpose, long bytes) {
    chargeHere(bytes);
    if (parent == null) {
      usage.add(purpose, bytes);
    } else {
      parent.charge(purpose, bytes);
    }
  }

  /**
   * Releases what was charged by {@link #tryCharge} or {@link #charge}.
   *
   * @param bytes at least 0
   */
  public void release(Purpose purpose, long bytes) {
    used.addAndGet(-bytes);
    if (parent == null) {
      usage.add(purpose, -bytes);
    } else {
      parent.release(purpose, bytes);
    }
  }

  /**
   * Charges this account, and not its parent: for a share of what several accounts hold together,
   * which is charged to the process once.
   *
   * @param bytes at least 0
   */
  public void chargeHere(long bytes) {
    if (used.addAndGet(bytes) > limit && bytes > 0) {
      whenOver.accept(this);
    }
  }

  /** Releases what was charged by {@link #chargeHere}. */
  public void releaseHere(long bytes) {
    used.addAndGet(-bytes);
  }

  /** Returns the user, the address, or a name for the account of many. */
  public String holder() {
    return holder;
  }

  /** Returns the bytes in use. */
  public long used() {
    return used.get();
  }

  /** Returns the limit in bytes. */
  public long limit() {
    return limit;
  }

  /** Returns whether more is in use than the limit allows. */
  public boolean isOver() {
    return used.get() > limit;
  }

  @Override
  public String toString() {
    return "%s (used=%d, limit=%d)".formatted(holder, used.get(), limit);
  }
}
