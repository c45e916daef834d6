package io.longspan.budget;

import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * The memory accounts of one bridge. All users share {@code limits.totalBytes}, and each user may
 * hold {@code limits.userBytes} of it. Strangers are connections whose user is not known yet. They
 * have a small budget of their own, so that they never displace users.
 *
 * <p>Called on any thread; never blocks.
 */
public final class MemoryBudget {
  /** All strangers together may hold the total divided by this, in addition to the total. */
  private static final int STRANGERS_PART = 16;

  /** The strangers of one network may hold the bytes of all strangers divided by this. */
  private static final int ADDRESS_PART = 4;

  /** While memory is being shed, an account may exceed its limit by the limit divided by this. */
  private static final int RESERVE_PART = 8;

  private final Usage usage = new Usage();
  private final Account process;
  private final Account strangers;
  private final LoadingCache<String, Account> users;
  private final LoadingCache<String, Account> addresses;
  private volatile Consumer<Account> whenOver = account -> {};

  /**
   * Creates empty accounts.
   *
   * @param totalBytes the limit of all users together, in bytes
   * @param userBytes the limit of one user, in bytes
   */
  public MemoryBudget(long totalBytes, long userBytes) {
    long strangerBytes = strangerBytes(totalBytes);
    this.process =
        new Account("the process", null, totalBytes, totalBytes / RESERVE_PART, usage, this::over);
    this.strangers = new Account("all strangers", null, strangerBytes, 0, usage, account -> {});
    this.users =
        accounts(
            user ->
                new Account(user, process, userBytes, userBytes / RESERVE_PART, usage, this::over));
    long addressBytes = Math.max(1, strangerBytes / ADDRESS_PART);
    this.addresses =
        accounts(address -> new Account(address, strangers, addressBytes, 0, usage, account -> {}));
  }

  /**
   * Returns the limit of all strangers together, in bytes; at least 1.
   *
   * @param totalBytes the limit of all users together, in bytes
   */
  public static long strangerBytes(long totalBytes) {
    return Math.max(1, totalBytes / STRANGERS_PART);
  }

  /** An account exists as long as somebody refers to it, so no holder ever has two accounts. */
  private static LoadingCache<String, Account> accounts(CacheLoader<String, Account> opening) {
    return Caffeine.newBuilder().weakValues().executor(Runnable::run).build(opening);
  }

  private void over(Account account) {
    whenOver.accept(account);
  }

  /**
   * Sets the listener that sheds memory.
   *
   * @param shedding called with the account of a user or of all users, when the account is over its
   *     limit or the process refuses a charge. It runs on the charging thread, possibly often and
   *     under a lock of the caller, and must return at once
   */
  public void whenOver(Consumer<Account> shedding) {
    whenOver = shedding;
  }

  /** Returns the account of all users together. */
  public Account process() {
    return process;
  }

  /**
   * Returns the account of a user. The caller must keep the reference for as long as it holds
   * bytes.
   */
  public Account user(String user) {
    return users.get(user);
  }

  /** Returns the account of all strangers together. */
  public Account strangers() {
    return strangers;
  }

  /**
   * Returns the account of the strangers of one network. The caller must keep the reference for as
   * long as it holds bytes.
   *
   * @param address the network, as {@link RemoteNetwork} names it
   */
  public Account stranger(String address) {
    return addresses.get(address);
  }

  /** Returns a copy: the accounts of the users that hold bytes, in no order. */
  public List<Account> users() {
    return users.asMap().values().stream().filter(account -> account.used() > 0).toList();
  }

  /** Returns the bytes in use for a purpose, of users and strangers. */
  public long used(Purpose purpose) {
    return usage.bytes.get(purpose).sum();
  }

  /** Returns how many charges for a purpose were refused. */
  public long refused(Purpose purpose) {
    return usage.refusals.get(purpose).sum();
  }

  /** Totals by purpose, over all accounts. */
  static final class Usage {
    private final Map<Purpose, LongAdder> bytes = counters();
    private final Map<Purpose, LongAdder> refusals = counters();

    private static Map<Purpose, LongAdder> counters() {
      Map<Purpose, LongAdder> counters = new EnumMap<>(Purpose.class);
      for (Purpose purpose : Purpose.values()) {
        counters.put(purpose, new LongAdder());
      }
      return counters;
    }

    void add(Purpose purpose, long count) {
      bytes.get(purpose).add(count);
    }

    void refused(Purpose purpose) {
      refusals.get(purpose).increment();
    }
  }
}
