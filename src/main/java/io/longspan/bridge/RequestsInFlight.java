package io.longspan.bridge;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The requests of one client that wait for an answer, by correlation id. They are bounded by
 * number, age and the user's memory account. Expired requests are removed only when another request
 * is added.
 *
 * <p>Called on any thread. The lock is held for map operations and charges only.
 */
final class RequestsInFlight {
  /** The maximum age of a request without a time to live, in milliseconds. */
  static final long WITHOUT_TIME_TO_LIVE = 300_000;

  /** The maximum age of any request, in milliseconds. */
  static final long MAX_AGE = 3_600_000;

  /** The minimum time between two removals of expired requests, in milliseconds. */
  private static final long SWEEP_PERIOD = 10_000;

  /** Estimated heap of an entry without the characters of its correlation id, in bytes. */
  private static final int ENTRY_BYTES = 160;

  private final int capacity;
  private final Account account;
  private final Map<String, Long> deadlines = new HashMap<>(4);

  /** Null until a request has an alias. The two maps are inverse. */
  private Map<String, String> requestByAlias;

  private Map<String, String> aliasByRequest;
  private long lastSweep;
  private boolean closed;

  /**
   * Creates an empty set.
   *
   * @param capacity the maximum number of requests
   * @param account the user's account, which the requests are charged to
   */
  RequestsInFlight(int capacity, Account account) {
    this.capacity = capacity;
    this.account = account;
  }

  /**
   * Adds a request.
   *
   * @param timeToLive in milliseconds; 0 if the request never expires
   * @param now in milliseconds of the bridge's ticker
   * @return false if there is no room, or the client has ended
   */
  synchronized boolean add(String correlationId, long timeToLive, long now) {
    if (closed) {
      return false;
    }
    if (now - lastSweep >= SWEEP_PERIOD) {
      removeExpired(now);
    }
    if (!deadlines.containsKey(correlationId) && !charge(correlationId)) {
      removeExpired(now);
      if (!charge(correlationId)) {
        return false;
      }
    }
    long age = timeToLive == 0 ? WITHOUT_TIME_TO_LIVE : Math.min(timeToLive, MAX_AGE);
    deadlines.put(correlationId, now + age);
    return true;
  }

  private boolean charge(String correlationId) {
    return deadlines.size() < capacity && account.tryCharge(Purpose.REQUESTS, bytes(correlationId));
  }

  private static long bytes(String correlationId) {
    return ENTRY_BYTES + 2L * correlationId.length();
  }

  private void removeExpired(long now) {
    lastSweep = now;
    deadlines
        .entrySet()
        .removeIf(
            request -> {
              boolean expired = request.getValue() - now < 0;
              if (expired) {
                account.release(Purpose.REQUESTS, bytes(request.getKey()));
                removeAlias(request.getKey());
              }
              return expired;
            });
  }

  /** Removes a request; returns whether it was in flight. */
  synchronized boolean remove(String correlationId) {
    boolean known = deadlines.remove(correlationId) != null;
    if (known) {
      account.release(Purpose.REQUESTS, bytes(correlationId));
      removeAlias(correlationId);
    }
    return known;
  }

  /**
   * Adds another name under which an answer may refer to a request. It replaces an earlier alias of
   * the request. Nothing happens if the request has ended.
   */
  synchronized void alias(String alias, String correlationId) {
    if (!deadlines.containsKey(correlationId)) {
      return;
    }
    removeAlias(correlationId);
    if (requestByAlias == null) {
      requestByAlias = new HashMap<>(4);
      aliasByRequest = new HashMap<>(4);
    }
    requestByAlias.put(alias, correlationId);
    aliasByRequest.put(correlationId, alias);
  }

  private void removeAlias(String correlationId) {
    if (aliasByRequest != null) {
      String alias = aliasByRequest.remove(correlationId);
      requestByAlias.remove(alias, correlationId);
    }
  }

  /**
   * Finds a request.
   *
   * @param name its correlation id or alias
   * @return its correlation id; empty if no such request is in flight
   */
  synchronized Optional<String> find(String name) {
    if (deadlines.containsKey(name)) {
      return Optional.of(name);
    }
    return requestByAlias == null
        ? Optional.empty()
        : Optional.ofNullable(requestByAlias.get(name));
  }

  /** Removes all requests and returns their correlation ids, in no order. */
  synchronized List<String> removeAll() {
    List<String> all = new ArrayList<>(deadlines.keySet());
    all.forEach(this::remove);
    return all;
  }

  /** Removes all requests and accepts no new one: the client has ended. */
  synchronized void close() {
    closed = true;
    removeAll();
  }

  /**
   * Returns the number of requests that have not expired.
   *
   * @param now in milliseconds of the bridge's ticker
   */
  synchronized int waiting(long now) {
    return (int) deadlines.values().stream().filter(deadline -> deadline - now >= 0).count();
  }
}
