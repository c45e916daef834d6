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
 * The accounts of one bridge. Users share {@code limits.totalBytes}; each has {@code
 * limits.userBytes} of it at most. Strangers, whose connections have no user yet, have a small
 * budget of their own, so that they can never displace users.
 *
 * <p>Called on any thread; never blocks.
 */
public final class MemoryBudget {
  /** Strangers in all have this part of the total, in addition to it. */
  private static final int STRANGERS_PART = 16;

  /** One address has this part of what strangers have. */
  private static final int ADDRESS_PART = 4;

  /** This part of a limit may be used beyond it while memory is being shed. */
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
   * @param totalBytes what all users together may hold
   * @param userBytes what one user may hold
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
   * Returns what all strangers together may hold, in bytes.
   *
   * @param totalBytes what all users together may hold
   */
  public static long strangerBytes(long totalBytes) {
    return Math.max(1, totalBytes / STRANGERS_PART);
  }

  /** An account lives as long as somebody refers to it, so that it cannot exist twice. */
  private static LoadingCache<String, Account> accounts(CacheLoader<String, Account> opening) {
    return Caffeine.newBuilder().weakValues().build(opening);
  }

  private void over(Account account) {
    whenOver.accept(account);
  }

  /**
   * Names what sheds memory.
   *
   * @param shedding is called with the account that is over its limit, on the thread that charged
   *     it, possibly often and under the caller's lock; must return at once
   */
  public void whenOver(Consumer<Account> shedding) {
    whenOver = shedding;
  }

  /** Returns the account of all users together. */
  public Account process() {
    return process;
  }

  /** Returns the account of a user. */
  public Account user(String user) {
    return users.get(user);
  }

  /** Returns the account of all strangers together. */
  public Account strangers() {
    return strangers;
  }

  /**
   * Returns the account of the strangers of one remote address.
   *
   * @param address of IPv6 its /64, so that a network counts as one
   */
  public Account stranger(String address) {
    return addresses.get(address);
  }

  /** Returns a copy: the accounts of the users that hold something, in no order. */
  public List<Account> users() {
    return users.asMap().values().stream().filter(account -> account.used() > 0).toList();
  }

  /** Returns the bytes in use for one purpose, strangers included. */
  public long used(Purpose purpose) {
    return usage.bytes.get(purpose).sum();
  }

  /** Returns how many charges for one purpose were refused. */
  public long refused(Purpose purpose) {
    return usage.refusals.get(purpose).sum();
  }

  /** Totals by purpose, of all accounts. */
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
