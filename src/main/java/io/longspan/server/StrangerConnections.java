package io.longspan.server;

import io.longspan.budget.OldestFirst;
import io.longspan.budget.RemoteNetwork;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP connections that have no user yet, weighed by what each may cost the heap. Beyond a
 * bound, in all or for one address, the oldest are closed, whatever they do: they are idle, send a
 * request slowly or read an answer slowly, since a request of an honest client ends in no time.
 *
 * <p>A connection has a user once a request on it was authenticated. Then it is never closed for
 * others, unless its user has too many.
 *
 * <p>Called on any thread; never blocks.
 */
final class StrangerConnections {
  /** What a connection costs that is idle. */
  private static final long IDLE_BYTES = 4 << 10;

  /** What a byte of an incomplete header costs: names, values and the fields around them. */
  private static final long HEADER_BYTE_COST = 4;

  /** What a request costs with its header, its small body and the buffer of its answer. */
  private static final long REQUEST_BYTES = 64 << 10;

  private static final int MIN_REQUESTS_BY_ADDRESS = 16;
  private static final int ADDRESS_PART = 4;

  private static final Logger LOG = LoggerFactory.getLogger(StrangerConnections.class);

  private final OldestFirst<BoundedHttpConnection> strangers;
  private final int perUser;
  private final Predicate<SocketAddress> proxies;
  private final ConcurrentMap<String, Integer> users = new ConcurrentHashMap<>();
  private final LongAdder displaced = new LongAdder();
  private volatile long logged;

  /**
   * Creates an empty set.
   *
   * @param strangerBytes what strangers may hold in all
   * @param perUser how many connections of one user are safe from being closed for others
   * @param proxies the addresses that are no single client's, and have no bound of their own
   */
  StrangerConnections(long strangerBytes, int perUser, Predicate<SocketAddress> proxies) {
    long byAddress =
        Math.max(strangerBytes / ADDRESS_PART, MIN_REQUESTS_BY_ADDRESS * REQUEST_BYTES);
    this.strangers = new OldestFirst<>(ADDRESS_PART * byAddress, byAddress);
    this.perUser = perUser;
    this.proxies = proxies;
  }

  /** Adds a connection that was opened. */
  void opened(BoundedHttpConnection connection) {
    SocketAddress remote = connection.getEndPoint().getRemoteSocketAddress();
    String network =
        proxies.test(remote)
            ? "proxied " + connection.getId()
            : remote instanceof InetSocketAddress inet && inet.getAddress() != null
                ? RemoteNetwork.of(inet.getAddress())
                : "unknown";
    close(strangers.add(network, connection, IDLE_BYTES));
  }

  /** Weighs the incomplete header of a connection's next request. */
  void headerGrows(BoundedHttpConnection connection, long bytes) {
    close(strangers.weigh(connection, IDLE_BYTES + HEADER_BYTE_COST * bytes));
  }

  /** Weighs a request that begins to be handled. */
  void requestBegins(BoundedHttpConnection connection) {
    close(strangers.weigh(connection, REQUEST_BYTES));
  }

  /** Weighs a connection whose request is over. */
  void requestEnds(BoundedHttpConnection connection) {
    close(strangers.renew(connection, IDLE_BYTES));
  }

  /**
   * Notes that a request of a user came on a connection.
   *
   * @return false if the user has too many, and the connection stays among the strangers'
   */
  boolean signedIn(BoundedHttpConnection connection, String user) {
    boolean[] counted = new boolean[1];
    users.compute(
        user,
        (name, count) -> {
          int now = count == null ? 0 : count;
          counted[0] = now < perUser;
          return counted[0] ? Integer.valueOf(now + 1) : count;
        });
    if (counted[0]) {
      strangers.remove(connection);
    }
    return counted[0];
  }

  /**
   * Removes a connection that was closed, or upgraded.
   *
   * @param user the user that it was counted for; null: none
   */
  void closed(BoundedHttpConnection connection, String user) {
    strangers.remove(connection);
    if (user != null) {
      users.computeIfPresent(user, (name, count) -> count == 1 ? null : count - 1);
    }
  }

  private void close(List<BoundedHttpConnection> oldest) {
    for (BoundedHttpConnection connection : oldest) {
      displaced.increment();
      LOG.debug("connection closed for newer ones {}", connection);
      connection.getEndPoint().close(new TimeoutException("newer connections need its place"));
    }
  }

  /** Logs how many were closed since the last time; one line, since strangers could write many. */
  void report() {
    long now = displaced.sum();
    if (now != logged) {
      LOG.warn(
          "connections without a user were closed for newer ones count={} open={}",
          now - logged,
          strangers.size());
      logged = now;
    }
  }

  /** Returns how many were closed for newer ones so far. */
  long displaced() {
    return displaced.sum();
  }

  /** Returns how many have no user. */
  int size() {
    return strangers.size();
  }
}
