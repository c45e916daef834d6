package io.longspan.bridge;

import io.longspan.bridge.RetainedBytes.Holder;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the memory of retained messages, for each user and in total. At a bound, lingering
 * subscriptions are closed, the oldest first. Then the retained messages of topics with subscribers
 * are evicted, the largest first. A later resume of these topics gets a {@code gap}.
 *
 * <p>Called on any thread, JMS delivery threads included, under no lock; never blocks.
 */
final class Retention {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  /**
   * An eviction frees the missing bytes, and the bound divided by this in addition, so that it is
   * rare.
   */
  private static final int SPARE_PART = 8;

  /** When the process sheds memory, topics with fewer retained bytes than this are not evicted. */
  private static final long SMALL = 16 << 10;

  private static final long LOG_PERIOD = 1000;

  private final RetainedBytes bytes;
  private final int maxLingering;
  private final Supplier<Collection<SharedSubscription>> all;
  private final Predicate<SharedSubscription> closeIfIdle;
  private final BridgeMetrics metrics;
  private final Ticker ticker;
  private final LingeringSubscriptions lingering = new LingeringSubscriptions();
  private final AtomicLong evicted = new AtomicLong();
  private final AtomicLong nextLine = new AtomicLong(Long.MIN_VALUE);

  /**
   * Creates the bounds.
   *
   * @param maxLingering the maximum number of lingering subscriptions of one user
   * @param all returns the present subscriptions
   * @param closeIfIdle closes a subscription if it has no subscribers; returns whether it did
   */
  Retention(
      RetainedBytes bytes,
      int maxLingering,
      Supplier<Collection<SharedSubscription>> all,
      Predicate<SharedSubscription> closeIfIdle,
      BridgeMetrics metrics,
      Ticker ticker) {
    this.bytes = bytes;
    this.maxLingering = maxLingering;
    this.all = all;
    this.closeIfIdle = closeIfIdle;
    this.metrics = metrics;
    this.ticker = ticker;
  }

  RetainedBytes bytes() {
    return bytes;
  }

  /**
   * Handles that the last subscriber has left: the subscription lingers.
   *
   * @param user the user of that subscriber
   */
  void left(SharedSubscription subscription, String user) {
    lingering.add(subscription, user);
    lingering.oldestBeyond(user, maxLingering).ifPresent(this::close);
    enforce(subscription);
  }

  /** Handles that the subscription has subscribers. */
  void joined(SharedSubscription subscription) {
    lingering.remove(subscription);
  }

  void closed(SharedSubscription subscription) {
    lingering.remove(subscription);
  }

  /** Enforces the bounds after the retained messages may have been charged to another user. */
  void enforce(SharedSubscription subscription) {
    makeRoom(subscription, 0);
  }

  /**
   * Frees memory so that a subscription can retain more, as far as possible.
   *
   * @param wanted the additional bytes
   */
  void makeRoom(SharedSubscription subscription, long wanted) {
    Holder holder = subscription.holder();
    if (holder != null) {
      long lacking = holder.lacking(wanted);
      if (lacking > 0) {
        evictOf(holder.user(), lacking + holder.limit() / SPARE_PART);
      }
    }
    long lacking = bytes.lacking(wanted);
    if (lacking > 0 && bytes.used() > 0) {
      evict(lacking + bytes.limit() / SPARE_PART);
    }
  }

  /** Evicts retained messages; returns the bytes that were freed, which may be fewer. */
  private long evict(long wanted) {
    return evict(wanted, lingering.oldestFirst(), subscription -> true);
  }

  /**
   * Evicts retained messages while the process sheds memory. Spares small topics: they free little,
   * and each eviction costs a gap. Returns the bytes that were freed, which may be fewer.
   */
  long relieve(long wanted) {
    Predicate<SharedSubscription> helps = subscription -> subscription.retainedBytes() >= SMALL;
    return evict(wanted, lingering.oldestFirst().stream().filter(helps).toList(), helps);
  }

  /**
   * Evicts retained messages that are charged to a user; returns the bytes that were freed, which
   * may be fewer.
   */
  long evictOf(String user, long wanted) {
    return evict(
        wanted,
        lingering.oldestFirst(user),
        subscription -> {
          Holder holder = subscription.holder();
          return holder != null && holder.user().equals(user);
        });
  }

  private long evict(
      long wanted, List<SharedSubscription> idle, Predicate<SharedSubscription> concerned) {
    long freed = 0;
    for (SharedSubscription subscription : idle) {
      if (freed >= wanted) {
        return freed;
      }
      if (subscription.retainedBytes() > 0) {
        freed += close(subscription);
      }
    }
    if (freed < wanted) {
      for (SharedSubscription subscription : largestFirst(concerned)) {
        if (freed >= wanted) {
          break;
        }
        freed += report(subscription, subscription.evictRetained());
      }
    }
    return freed;
  }

  /**
   * Returns subscriptions with retained messages, the largest first. Each size is read once,
   * because it changes during the comparison.
   */
  private List<SharedSubscription> largestFirst(Predicate<SharedSubscription> concerned) {
    Stream<SharedSubscription> wanted = all.get().stream().filter(concerned);
    return wanted
        .collect(Collectors.toMap(s -> s, SharedSubscription::retainedBytes, (a, b) -> a))
        .entrySet()
        .stream()
        .filter(entry -> entry.getValue() > 0)
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private long close(SharedSubscription subscription) {
    long size = subscription.retainedBytes();
    if (!closeIfIdle.test(subscription)) {
      lingering.remove(subscription);
      return 0;
    }
    return report(subscription, size);
  }

  /**
   * Counts an eviction. The log gets at most one line in each period, because evictions can be
   * many.
   */
  long report(SharedSubscription subscription, long freed) {
    if (freed > 0) {
      metrics.retainedEvicted();
      evicted.incrementAndGet();
      long now = ticker.millis();
      long due = nextLine.get();
      if (now >= due && nextLine.compareAndSet(due, now + LOG_PERIOD)) {
        LOG.info(
            "retained messages evicted topics={} lastTopic={} bytes={}",
            evicted.getAndSet(0),
            subscription.key().grant().name(),
            freed);
      }
    }
    return freed;
  }
}
