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
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * HTTP connections and streams of HTTP/2 without a user, weighed by the heap that each may need.
 * Beyond a bound in total or per address, the oldest ones are closed in any state. A request of a
 * normal client is short, so an old connection is idle or slow.
 *
 * <p>A connection gets a user when a request on it is authenticated. It is then safe, unless the
 * user has too many connections. A stream of HTTP/2 is weighed like a connection of its own, so a
 * user of one stream protects no other stream of the same connection.
 *
 * <p>Called on any thread; never blocks.
 */
final class StrangerConnections {
  /** Weight of an idle connection. */
  static final long IDLE_BYTES = 4 << 10;

  /** Further weight of a connection with TLS: its engine, and a record that is incomplete. */
  private static final long TLS_BYTES = 32 << 10;

  /** Weight per byte of an incomplete header: names, values and their objects. */
  static final long HEADER_BYTE_COST = 4;

  /** Weight of a request: its header, a small body and the buffer of its answer. */
  static final long REQUEST_BYTES = 64 << 10;

  private static final int MIN_REQUESTS_BY_ADDRESS = 16;
  private static final int ADDRESS_PART = 4;

  private static final Logger LOG = LoggerFactory.getLogger(StrangerConnections.class);

  private final OldestFirst<StrangerPlace> strangers;
  private final int perUser;
  private final Predicate<SocketAddress> proxies;
  private final ConcurrentMap<String, Integer> users = new ConcurrentHashMap<>();
  private final LongAdder displaced = new LongAdder();
  private volatile long logged;

  /**
   * Creates an empty set.
   *
   * @param strangerBytes bound on the total weight, in bytes; raised if a quarter of it has no room
   *     for {@link #MIN_REQUESTS_BY_ADDRESS} requests
   * @param perUser how many connections of one user are safe
   * @param proxies addresses of proxies, which have no bound per address
   */
  StrangerConnections(long strangerBytes, int perUser, Predicate<SocketAddress> proxies) {
    long byAddress =
        Math.max(strangerBytes / ADDRESS_PART, MIN_REQUESTS_BY_ADDRESS * REQUEST_BYTES);
    this.strangers = new OldestFirst<>(ADDRESS_PART * byAddress, byAddress);
    this.perUser = perUser;
    this.proxies = proxies;
  }

  /**
   * Creates the place of a connection.
   *
   * @param id distinguishes the connections of proxies
   * @param baseBytes weight in every state in addition to that of TLS, in bytes
   */
  StrangerPlace connection(EndPoint endPoint, String id, long baseBytes) {
    return new StrangerPlace(
        this,
        networkOf(endPoint.getRemoteSocketAddress(), id),
        baseBytes + (endPoint instanceof SslConnection.SslEndPoint ? TLS_BYTES : 0),
        endPoint::close);
  }

  /**
   * Creates the place of a stream of HTTP/2.
   *
   * @param client the client of the stream, or a proxy
   * @param id distinguishes the streams of proxies
   * @param closer resets the stream; must not block
   */
  StrangerPlace stream(SocketAddress client, String id, Consumer<TimeoutException> closer) {
    return new StrangerPlace(this, networkOf(client, id), 0, closer);
  }

  private String networkOf(SocketAddress remote, String id) {
    return proxies.test(remote)
        ? "proxied " + id
        : remote instanceof InetSocketAddress inet && inet.getAddress() != null
            ? RemoteNetwork.of(inet.getAddress())
            : "unknown";
  }

  void opened(String network, StrangerPlace place, long bytes) {
    close(strangers.add(network, place, bytes));
  }

  void weigh(StrangerPlace place, long bytes) {
    close(strangers.weigh(place, bytes));
  }

  void renew(StrangerPlace place, long bytes) {
    close(strangers.renew(place, bytes));
  }

  /**
   * Removes a connection or stream that has got a user.
   *
   * @return false if the user has too many connections; this one then stays
   */
  boolean signedIn(StrangerPlace place, String user) {
    boolean[] counted = new boolean[1];
    users.compute(
        user,
        (name, count) -> {
          int now = count == null ? 0 : count;
          counted[0] = now < perUser;
          return counted[0] ? Integer.valueOf(now + 1) : count;
        });
    if (counted[0]) {
      strangers.remove(place);
    }
    return counted[0];
  }

  /**
   * Removes a connection or stream that was closed or upgraded.
   *
   * @param user user that it was counted for, or null
   */
  void closed(StrangerPlace place, String user) {
    strangers.remove(place);
    if (user != null) {
      users.computeIfPresent(user, (name, count) -> count == 1 ? null : count - 1);
    }
  }

  private void close(List<StrangerPlace> oldest) {
    for (StrangerPlace place : oldest) {
      displaced.increment();
      LOG.debug("connection without a user closed, newer ones need its place {}", place);
      place.displace();
    }
  }

  /**
   * Logs how many connections were closed since the last call, in one line. A line for each would
   * let clients flood the log.
   */
  void report() {
    long now = displaced.sum();
    if (now != logged) {
      LOG.warn(
          "connections without a user closed, because too many were open count={} open={}",
          now - logged,
          strangers.size());
      logged = now;
    }
  }

  /** Returns how many connections and streams were closed for newer ones. */
  long displaced() {
    return displaced.sum();
  }

  /** Returns the number of connections and streams without a user. */
  int size() {
    return strangers.size();
  }
}
