package io.longspan.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Slows down the guessing of passwords. Wrong passwords are counted for a name from an address, and
 * for an address; each count has an allowance that is refilled with time. While an allowance is
 * used up, no password is checked. There is no count for a name alone: guesses from elsewhere lock
 * nobody out.
 *
 * <p>Many users may share an address. A name that had a right password from an address within the
 * last 24 hours is therefore exempt from the count of that address, and the same right password is
 * exempt from both counts: it is no guess.
 *
 * <p>Memory is bounded: the least recently used entries are evicted. Safe for use by many threads;
 * the lock is held for a map operation, and nothing blocks.
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

  /** How long a right password exempts its name from the count of the address. */
  private static final Duration RIGHT_LATELY = Duration.ofHours(24);

  /** Longer names share entries, so no exemption is given to them. */
  private static final int LONGEST_NAME = 64;

  private static final String MAC = "HmacSHA256";

  private final LongSupplier ticker;
  private final Allowances users = new Allowances(PER_USER, PER_USER_MILLIS);
  private final Allowances addresses = new Allowances(PER_ADDRESS, PER_ADDRESS_MILLIS);

  /** By name and address: a digest of the last right password, under a key that is never stored. */
  private final Cache<String, byte[]> right;

  private final SecretKeySpec digestKey;

  /**
   * Creates a throttle that has seen nothing.
   *
   * @param ticker milliseconds that only go forward
   */
  public PasswordThrottle(LongSupplier ticker) {
    this.ticker = ticker;
    this.right =
        Caffeine.newBuilder()
            .maximumSize(MOST_ENTRIES)
            .expireAfterWrite(RIGHT_LATELY)
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(ticker.getAsLong()))
            .build();
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    this.digestKey = new SecretKeySpec(secret, MAC);
  }

  /**
   * Returns how long to wait before a password may be checked, in milliseconds; 0: now.
   *
   * @param address the remote address as text
   */
  public long delay(String user, String password, String address) {
    String network = network(address);
    String key = key(user, network);
    byte[] known = right.getIfPresent(key);
    long delay = delay(key, network, known != null);
    return delay > 0 && known != null && MessageDigest.isEqual(known, digest(user, password))
        ? 0
        : delay;
  }

  private synchronized long delay(String key, String network, boolean wasRight) {
    long now = ticker.getAsLong();
    long ofUser = users.delay(key, now);
    return wasRight ? ofUser : Math.max(ofUser, addresses.delay(network, now));
  }

  /** Counts a wrong password. If it was right before, it no longer exempts from anything. */
  public void failed(String user, String password, String address) {
    String network = network(address);
    String key = key(user, network);
    byte[] known = right.getIfPresent(key);
    if (known != null && MessageDigest.isEqual(known, digest(user, password))) {
      right.invalidate(key);
    }
    synchronized (this) {
      long now = ticker.getAsLong();
      users.charge(key, now);
      addresses.charge(network, now);
    }
  }

  /**
   * Notes a right password. The first time it resets the count of its name from this address. Later
   * it does not: who uses a password all the time must not give others ever more guesses at it.
   */
  public void succeeded(String user, String password, String address) {
    String key = key(user, network(address));
    if (user.length() <= LONGEST_NAME) {
      byte[] digest = digest(user, password);
      byte[] known = right.getIfPresent(key);
      right.put(key, digest);
      if (known != null && MessageDigest.isEqual(known, digest)) {
        return;
      }
    }
    synchronized (this) {
      users.remove(key);
    }
  }

  private byte[] digest(String user, String password) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(digestKey);
      mac.update(user.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      return mac.doFinal(password.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException x) {
      throw new IllegalStateException("every Java platform has " + MAC, x);
    }
  }

  /** A long name would make the bound on entries none on bytes; a shared entry does no harm. */
  private static String key(String user, String network) {
    String name =
        user.length() <= LONGEST_NAME
            ? user
            : user.substring(0, LONGEST_NAME) + '#' + user.hashCode();
    return network + '|' + name;
  }

  /**
   * Returns what one host has for itself: an address of IPv4 as it is, of IPv6 its /64.
   *
   * @param address the remote address as text; text that is no address is returned as it is
   */
  public static String network(String address) {
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
