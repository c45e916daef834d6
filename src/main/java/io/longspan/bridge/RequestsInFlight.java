package io.longspan.bridge;

import io.longspan.budget.Account;
import io.longspan.budget.Purpose;
import io.longspan.catalogue.BrokerDestination;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

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

  /** The maximum number of aliases of ended requests. */
  static final int MAX_ENDED = 64;

  /** The minimum time between two removals of expired requests, in milliseconds. */
  private static final long SWEEP_PERIOD = 10_000;

  /** Estimated heap of an entry without the characters of its correlation id, in bytes. */
  private static final int ENTRY_BYTES = 160;

  private final int capacity;
  private final Account account;
  private final Map<String, Request> requests = new HashMap<>(4);

  /** Null until a request has an alias. */
  private Map<String, String> requestByAlias;

  /** The aliases of requests that have ended, the oldest first; null until there is one. */
  private Map<String, Ended> ended;

  private long lastSweep;
  private boolean closed;

  private static final class Request {
    private String broker = BrokerDestination.DEFAULT_BROKER;
    private long deadline;

    /** The correlation id with which it was sent, if that is another one; otherwise null. */
    private String sentAs;

    private final List<Alias> aliases = new ArrayList<>(0);

    /** Called with the first answer; null afterwards. */
    private Runnable whenAnswered;
  }

  /** Another name of a request, and what to do when it is removed. */
  private record Alias(String name, Runnable whenRemoved) {}

  /** A request that has ended, by one of its aliases. */
  private record Ended(String correlationId, String broker, Alias alias) {
    long bytes() {
      return RequestsInFlight.bytes(alias.name());
    }
  }

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
   * Adds a request. It replaces one with the same correlation id, as if that had ended.
   *
   * @param broker the name of the broker that it is sent to
   * @param timeToLive in milliseconds; 0 if the request never expires
   * @param now in milliseconds of the bridge's ticker
   * @param whenAnswered called by {@link #answered} for the first answer; must not block
   * @return false if there is no room, or the client has ended
   */
  synchronized boolean add(
      String correlationId, String broker, long timeToLive, long now, Runnable whenAnswered) {
    if (closed) {
      return false;
    }
    if (now - lastSweep >= SWEEP_PERIOD) {
      removeExpired(now);
    }
    Request request = requests.get(correlationId);
    if (request == null) {
      if (!charge(correlationId)) {
        removeExpired(now);
        if (!charge(correlationId)) {
          return false;
        }
      }
      request = new Request();
      requests.put(correlationId, request);
    }
    endAliases(correlationId, request);
    request.broker = broker;
    long age = timeToLive == 0 ? WITHOUT_TIME_TO_LIVE : Math.min(timeToLive, MAX_AGE);
    request.deadline = now + age;
    request.whenAnswered = whenAnswered;
    return true;
  }

  /** Adds a request to the default broker, for whose answer nothing else waits. */
  boolean add(String correlationId, long timeToLive, long now) {
    return add(correlationId, BrokerDestination.DEFAULT_BROKER, timeToLive, now, () -> {});
  }

  /** Records an answer, on a JMS delivery thread. */
  void answered(String correlationId) {
    Runnable first;
    synchronized (this) {
      Request request = requests.get(correlationId);
      if (request == null) {
        return;
      }
      first = request.whenAnswered;
      request.whenAnswered = null;
    }
    if (first != null) {
      first.run();
    }
  }

  private boolean charge(String correlationId) {
    return requests.size() < capacity && account.tryCharge(Purpose.REQUESTS, bytes(correlationId));
  }

  private static long bytes(String correlationId) {
    return ENTRY_BYTES + 2L * correlationId.length();
  }

  private void removeExpired(long now) {
    lastSweep = now;
    requests
        .entrySet()
        .removeIf(
            request -> {
              boolean expired = request.getValue().deadline - now < 0;
              if (expired) {
                account.release(Purpose.REQUESTS, bytes(request.getKey()));
                removeAliases(request.getValue());
              }
              return expired;
            });
  }

  /** Removes a request; returns whether it was in flight. */
  synchronized boolean remove(String correlationId) {
    Request request = requests.remove(correlationId);
    if (request == null) {
      return false;
    }
    account.release(Purpose.REQUESTS, bytes(correlationId));
    removeAliases(request);
    return true;
  }

  /**
   * Removes a request because its last answer has come. If it was sent with another correlation id,
   * later answers are still found by {@link #findEnded}: at most {@link #MAX_ENDED}.
   */
  synchronized void end(String correlationId) {
    Request request = requests.remove(correlationId);
    if (request != null) {
      account.release(Purpose.REQUESTS, bytes(correlationId));
      endAliases(correlationId, request);
    }
  }

  private void endAliases(String correlationId, Request request) {
    if (request.sentAs == null) {
      removeAliases(request);
      return;
    }
    for (Alias alias : request.aliases) {
      requestByAlias.remove(alias.name());
      keep(new Ended(correlationId, request.broker, alias));
    }
    request.aliases.clear();
    request.sentAs = null;
  }

  private void keep(Ended request) {
    if (ended == null) {
      ended = new LinkedHashMap<>(4);
    }
    if (!account.tryCharge(Purpose.REQUESTS, request.bytes())) {
      request.alias().whenRemoved().run();
      return;
    }
    ended.put(request.alias().name(), request);
    if (ended.size() > MAX_ENDED) {
      forget(ended.remove(ended.keySet().iterator().next()));
    }
  }

  private void forget(Ended request) {
    account.release(Purpose.REQUESTS, request.bytes());
    request.alias().whenRemoved().run();
  }

  /**
   * Finds a request that has ended lately.
   *
   * @param alias a name that was given by {@link #sendAs} or {@link #alias}
   * @return its correlation id
   */
  synchronized Optional<String> findEnded(String alias) {
    return ended == null
        ? Optional.empty()
        : Optional.ofNullable(ended.get(alias)).map(Ended::correlationId);
  }

  /** Adds another name under which an answer may refer to a request, if the request is present. */
  void alias(String alias, String correlationId) {
    alias(alias, correlationId, () -> {});
  }

  /**
   * Adds another name under which an answer may refer to a request.
   *
   * @param whenRemoved called when the name is removed with its request, or at once if the request
   *     has ended. It runs under the lock, and must only remove something from a map
   */
  synchronized void alias(String alias, String correlationId, Runnable whenRemoved) {
    Request request = requests.get(correlationId);
    if (request == null) {
      whenRemoved.run();
      return;
    }
    if (requestByAlias == null) {
      requestByAlias = new HashMap<>(4);
    }
    requestByAlias.put(alias, correlationId);
    request.aliases.add(new Alias(alias, whenRemoved));
  }

  private void removeAliases(Request request) {
    for (Alias alias : request.aliases) {
      requestByAlias.remove(alias.name());
      alias.whenRemoved().run();
    }
    request.aliases.clear();
    request.sentAs = null;
  }

  /**
   * Records the correlation id with which a request is sent. It is an alias of the request.
   *
   * @param whenRemoved as for {@link #alias(String, String, Runnable)}
   */
  synchronized void sendAs(String sentAs, String correlationId, Runnable whenRemoved) {
    alias(sentAs, correlationId, whenRemoved);
    Request request = requests.get(correlationId);
    if (request != null) {
      request.sentAs = sentAs;
    }
  }

  /** Returns the correlation id with which a request was sent, if it is present and has one. */
  synchronized Optional<String> sentAs(String correlationId) {
    return Optional.ofNullable(requests.get(correlationId)).map(request -> request.sentAs);
  }

  /**
   * Finds a request.
   *
   * @param name its correlation id or alias
   * @return its correlation id; empty if no such request is in flight
   */
  synchronized Optional<String> find(String name) {
    if (requests.containsKey(name)) {
      return Optional.of(name);
    }
    return requestByAlias == null
        ? Optional.empty()
        : Optional.ofNullable(requestByAlias.get(name));
  }

  /** Removes all requests to a broker and returns their correlation ids, in no order. */
  List<String> removeAll(String broker) {
    return removeIf(broker::equals);
  }

  private synchronized List<String> removeIf(Predicate<String> broker) {
    List<String> removed = new ArrayList<>();
    requests.forEach(
        (id, request) -> {
          if (broker.test(request.broker)) {
            removed.add(id);
          }
        });
    removed.forEach(this::remove);
    if (ended != null) {
      ended
          .values()
          .removeIf(
              request -> {
                boolean gone = broker.test(request.broker());
                if (gone) {
                  forget(request);
                }
                return gone;
              });
    }
    return removed;
  }

  /** Removes all requests and accepts no new one: the client has ended. */
  synchronized void close() {
    closed = true;
    removeIf(broker -> true);
  }

  /**
   * Returns the number of requests that have not expired.
   *
   * @param now in milliseconds of the bridge's ticker
   */
  synchronized int waiting(long now) {
    return (int) requests.values().stream().filter(request -> request.deadline - now >= 0).count();
  }
}
