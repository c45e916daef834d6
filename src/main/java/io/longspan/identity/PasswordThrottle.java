package io.longspan.identity;

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
 * Limits password guessing. Wrong passwords are counted per name and address, and per address. Each
 * count has an allowance that refills over time. While an allowance is used up, no password is
 * checked. There is no count per name alone, so guesses from other addresses cannot lock a user
 * out.
 *
 * <p>Many users may share an address. Therefore a name with a right password from an address in the
 * last 24 hours is exempt from the count of that address. The same right password is exempt from
 * both counts, because it is not a guess.
 *
 * <p>Memory is bounded: the least recently used entries are evicted. Safe for use by many threads;
 * nothing blocks.
 */
public final class PasswordThrottle {
  /** Allowance of wrong passwords per name and address, and milliseconds until one is refilled. */
  private static final int PER_USER = 10;

  private static final long PER_USER_MILLIS = 6_000;

  /** Allowance per address for all names, because many people may share an address. */
  private static final int PER_ADDRESS = 100;

  private static final long PER_ADDRESS_MILLIS = 1_000;

  /** Concurrent guesses are all charged, so an allowance may go this far below zero. */
  private static final int OVERDRAFT = 200;

  private static final int MAX_ENTRIES = 20_000;

  /** How long a right password exempts its name from the count of the address. */
  private static final Duration RIGHT_LATELY = Duration.ofHours(24);

  /** Longer names may share an entry, so they get no exemption. */
  private static final int MAX_NAME = 64;

  private static final String MAC = "HmacSHA256";

  private final LongSupplier ticker;
  private final Allowances users = new Allowances(PER_USER, PER_USER_MILLIS);
  private final Allowances addresses = new Allowances(PER_ADDRESS, PER_ADDRESS_MILLIS);

  /**
   * Digest of the last right password by name and address. The key of the digest is never stored.
   */
  private final Cache<String, byte[]> right;

  private final SecretKeySpec digestKey;

  /**
   * Creates a throttle without entries.
   *
   * @param ticker monotonic time in milliseconds
   */
  public PasswordThrottle(LongSupplier ticker) {
    this.ticker = ticker;
    this.right =
        Caffeine.newBuilder()
            .maximumSize(MAX_ENTRIES)
            .expireAfterWrite(RIGHT_LATELY)
            .executor(Runnable::run)
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(ticker.getAsLong()))
            .build();
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    this.digestKey = new SecretKeySpec(secret, MAC);
  }

  /**
   * Returns how many milliseconds to wait before a password may be checked; 0: none.
   *
   * @param address remote address as text
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

  /**
   * Records a wrong password. If it was the remembered right one, its exemption ends.
   *
   * @param address remote address as text
   */
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
   * Records a right password. The first time, it resets the count of its name and address. A
   * repetition does not, because a client that polls with it would otherwise give a guesser
   * unlimited attempts.
   *
   * @param address remote address as text
   */
  public void succeeded(String user, String password, String address) {
    String key = key(user, network(address));
    if (user.length() <= MAX_NAME) {
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

  /** Bounds the size of a key. Long names may share an entry, which does no harm. */
  private static String key(String user, String network) {
    String name =
        user.length() <= MAX_NAME ? user : user.substring(0, MAX_NAME) + '#' + user.hashCode();
    return network + '|' + name;
  }

  /**
   * Returns the network of one host: an IPv4 address itself, the /64 of an IPv6 address in hex.
   *
   * @param address remote address as text; text that is not an address is returned unchanged
   */
  public static String network(String address) {
    if (address == null || address.indexOf(':') < 0) {
      return String.valueOf(address);
    }
    try {
      // Text with a colon is parsed as a literal, so no name is looked up.
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
            return size() > MAX_ENTRIES;
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
