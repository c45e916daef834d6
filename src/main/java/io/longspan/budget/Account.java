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
  private final long reserve;
  private final Consumer<Account> whenOver;
  private final MemoryBudget.Usage usage;
  private final AtomicLong used = new AtomicLong();

  /**
   * Creates an empty account.
   *
   * @param parent null for a root
   * @param limit bytes
   * @param reserve bytes beyond the limit that may be used for the short time that shedding takes
   * @param whenOver is called on the charging thread each time a charge exceeds the limit; must
   *     return at once
   */
  Account(
      String holder,
      Account parent,
      long limit,
      long reserve,
      MemoryBudget.Usage usage,
      Consumer<Account> whenOver) {
    this.holder = holder;
    this.parent = parent;
    this.limit = limit;
    this.reserve = reserve;
    this.usage = usage;
    this.whenOver = whenOver;
  }

  /**
   * Charges bytes, unless this account or its parent would then exceed its limit. An account that
   * holds little may use the reserve of its parent, and memory is then shed.
   *
   * @param bytes at least 0
   * @return false if nothing was charged; the refusal is counted
   */
  public boolean tryCharge(Purpose purpose, long bytes) {
    return tryCharge(purpose, bytes, limit);
  }

  private boolean tryCharge(Purpose purpose, long bytes, long bound) {
    if (used.addAndGet(bytes) > bound) {
      used.addAndGet(-bytes);
      usage.refused(purpose);
      if (parent == null) {
        whenOver.accept(this);
      }
      return false;
    }
    if (parent == null) {
      usage.add(purpose, bytes);
      requestRelief();
      return true;
    }
    // The reserve is for those who hold little: who holds much cannot keep them out.
    boolean charged =
        parent.tryCharge(purpose, bytes, isSmall() ? parent.exhaustedAt() : parent.limit);
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
    chargeDeferred(purpose, bytes);
    requestRelief();
    if (parent != null) {
      parent.requestRelief();
    }
  }

  /**
   * Charges bytes in any case and calls nobody, for callers that hold a lock: {@link
   * #requestRelief} has to follow when they hold none.
   *
   * @param bytes at least 0
   */
  public void chargeDeferred(Purpose purpose, long bytes) {
    used.addAndGet(bytes);
    if (parent == null) {
      usage.add(purpose, bytes);
    } else {
      parent.chargeDeferred(purpose, bytes);
    }
  }

  /** Asks for memory to be shed if this account exceeds its limit. */
  public void requestRelief() {
    if (isOver()) {
      whenOver.accept(this);
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
   * Charges this account, and not its parent, and calls nobody: for a share of what several
   * accounts hold together, which is charged to the process once. {@link #requestRelief} has to
   * follow when the caller holds no lock.
   *
   * @param bytes at least 0
   */
  public void chargeHere(long bytes) {
    used.addAndGet(bytes);
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

  /** Returns whether a charge of so many bytes would be accepted now, by the parent as well. */
  public boolean hasRoom(long bytes) {
    return used.get() + bytes <= limit
        && (parent == null
            || parent.used.get() + bytes <= (isSmall() ? parent.exhaustedAt() : parent.limit));
  }

  /** Returns whether the limit and the reserve beyond it are used up. */
  public boolean isExhausted() {
    return used.get() > exhaustedAt();
  }

  private long exhaustedAt() {
    return limit + reserve;
  }

  /** Returns whether less than a quarter of the limit is in use. */
  public boolean isSmall() {
    return used.get() <= limit / 4;
  }

  @Override
  public String toString() {
    return "%s (used=%d, limit=%d)".formatted(holder, used.get(), limit);
  }
}
