package io.longspan.budget;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The bytes in use by one holder, with a limit. A charge also counts for the parent account.
 *
 * <p>Called on any thread; never blocks. A caller that charges an account must keep a reference to
 * it until it has released the same number of bytes.
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
   * @param holder the user, the network, or a name for a shared account
   * @param parent null for a root
   * @param limit in bytes
   * @param reserve bytes beyond the limit that may be used while memory is being shed
   * @param usage counts the bytes by purpose, and the refused charges
   * @param whenOver called with this account when it is over its limit; a root also calls it when
   *     it refuses a charge. It runs on the charging thread, possibly under a lock of the caller,
   *     and must return at once
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
   * Charges bytes, unless this account or its parent would exceed its limit. An account that
   * {@linkplain #isSmall is small} may also use the reserve of its parent. Memory is shed if the
   * parent is then over its limit.
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
    // Small accounts may use the reserve, so that large accounts cannot lock them out.
    boolean charged =
        parent.tryCharge(purpose, bytes, isSmall() ? parent.exhaustedAt() : parent.limit);
    if (!charged) {
      used.addAndGet(-bytes);
    }
    return charged;
  }

  /**
   * Charges bytes without regard to the limit, for bytes that can no longer be refused. If this
   * account or its parent is then over its limit, memory is shed.
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
   * Charges bytes without regard to the limit and sheds no memory, for callers that hold a lock.
   * The caller must call {@link #requestRelief} after it has released its lock.
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

  /** Requests that memory be shed, if this account is over its limit. */
  public void requestRelief() {
    if (isOver()) {
      whenOver.accept(this);
    }
  }

  /**
   * Releases bytes that {@link #tryCharge}, {@link #charge} or {@link #chargeDeferred} has charged.
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
   * Charges this account, but not its parent, and sheds no memory. Used where several accounts
   * share the bytes, which are charged to the process once. The caller must call {@link
   * #requestRelief} when it holds no lock.
   *
   * @param bytes at least 0
   */
  public void chargeHere(long bytes) {
    used.addAndGet(bytes);
  }

  /**
   * Releases bytes that {@link #chargeHere} has charged.
   *
   * @param bytes at least 0
   */
  public void releaseHere(long bytes) {
    used.addAndGet(-bytes);
  }

  /** Returns the user, the network of strangers, or the name of a shared account. */
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

  /**
   * Returns whether a charge would be accepted now, by this account and its parent.
   *
   * @param bytes at least 0
   */
  public boolean hasRoom(long bytes) {
    return used.get() + bytes <= limit
        && (parent == null
            || parent.used.get() + bytes <= (isSmall() ? parent.exhaustedAt() : parent.limit));
  }

  /** Returns whether more is in use than the limit and the reserve allow. */
  public boolean isExhausted() {
    return used.get() > exhaustedAt();
  }

  private long exhaustedAt() {
    return limit + reserve;
  }

  /** Returns whether more than three quarters of the limit are in use. */
  public boolean isScarce() {
    return used.get() > limit - limit / 4;
  }

  /** Returns whether at most a quarter of the limit is in use. */
  public boolean isSmall() {
    return used.get() <= limit / 4;
  }

  @Override
  public String toString() {
    return "%s (used=%d, limit=%d)".formatted(holder, used.get(), limit);
  }
}
