package io.longspan.security;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Slows the guessing of passwords down. Wrong passwords are counted for a name from an address, and
 * for an address; each has an allowance that comes back with time. Without it a password is not
 * even looked at. There is no count for a name alone: who guesses from elsewhere locks nobody out.
 *
 * <p>Memory is bounded: what was used longest ago is forgotten. Safe for use by many threads; the
 * lock is held for a map operation, and nobody waits.
 */
public final class PasswordThrottle {
  /** Wrong passwords for one name from one address, and how many milliseconds bring one back. */
  private static final int PER_USER = 10;

  private static final long PER_USER_MILLIS = 6_000;

  /** The same for one address and all names: many people may share an address. */
  private static final int PER_ADDRESS = 100;

  private static final long PER_ADDRESS_MILLIS = 1_000;

  /** Guesses that run at the same time are all charged: an allowance may be overdrawn so far. */
  private static final int OVERDRAFT = 200;

  private static final int MOST_ENTRIES = 20_000;

  private final LongSupplier ticker;
  private final Allowances users = new Allowances(PER_USER, PER_USER_MILLIS);
  private final Allowances addresses = new Allowances(PER_ADDRESS, PER_ADDRESS_MILLIS);

  /**
   * Creates a throttle that has seen nothing.
   *
   * @param ticker milliseconds that only go forward
   */
  public PasswordThrottle(LongSupplier ticker) {
    this.ticker = ticker;
  }

  /**
   * Returns how long to wait before a password may be tried, in milliseconds; 0: it may be now.
   *
   * @param address the remote address as text
   */
  public synchronized long delay(String user, String address) {
    long now = ticker.getAsLong();
    String network = network(address);
    return Math.max(users.delay(key(user, network), now), addresses.delay(network, now));
  }

  /** Counts a wrong password. */
  public synchronized void failed(String user, String address) {
    long now = ticker.getAsLong();
    String network = network(address);
    users.charge(key(user, network), now);
    addresses.charge(network, now);
  }

  /** Forgets the wrong ones for a name from an address, after a right one; not the address's. */
  public synchronized void succeeded(String user, String address) {
    users.remove(key(user, network(address)));
  }

  /** A long name would make the bound on entries none on bytes; a shared entry does no harm. */
  private static String key(String user, String network) {
    String name = user.length() <= 64 ? user : user.substring(0, 64) + '#' + user.hashCode();
    return network + '|' + name;
  }

  /** An IPv6 host commonly has a whole /64 to itself. */
  static String network(String address) {
    if (address == null || address.indexOf(':') < 0) {
      return String.valueOf(address);
    }
    try {
      // With a colon it is a literal, and no name is looked up.
      byte[] bytes = InetAddress.getByName(address.replaceAll("^\\[|]$|%.*$", "")).getAddress();
      return HexFormat.of().formatHex(bytes, 0, Math.min(8, bytes.length));
    } catch (UnknownHostException x) {
      return address;
    }
  }

  /** Allowances by key; guarded by the throttle. */
  private static final class Allowances {
    private final int capacity;
    private final long millisEach;
    private final Map<String, Allowance> entries =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Allowance> eldest) {
            return size() > MOST_ENTRIES;
          }
        };

    Allowances(int capacity, long millisEach) {
      this.capacity = capacity;
      this.millisEach = millisEach;
    }

    long delay(String key, long now) {
      Allowance allowance = entries.get(key);
      if (allowance == null) {
        return 0;
      }
      double left = allowance.at(now, this);
      if (left >= capacity) {
        entries.remove(key);
      }
      return left >= 1 ? 0 : (long) Math.ceil((1 - left) * millisEach);
    }

    void charge(String key, long now) {
      Allowance allowance = entries.computeIfAbsent(key, k -> new Allowance(capacity, now));
      allowance.left = Math.max(-OVERDRAFT, allowance.at(now, this) - 1);
    }

    void remove(String key) {
      entries.remove(key);
    }
  }

  private static final class Allowance {
    private double left;
    private long since;

    Allowance(double left, long since) {
      this.left = left;
      this.since = since;
    }

    double at(long now, Allowances rules) {
      left = Math.min(rules.capacity, left + (double) (now - since) / rules.millisEach);
      since = now;
      return left;
    }
  }
}
