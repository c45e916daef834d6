package io.longspan.server;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectorManager.AcceptListener;
import org.eclipse.jetty.util.IO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits the connections of one remote address, HTTP and WebSocket together. A connection over the
 * limit is closed before any byte is read.
 *
 * <p>Connections of trusted proxies are not counted for the proxy. A connection with the PROXY
 * protocol counts for the client that it names. Any other counts for the client of each request
 * ({@link ForwardedLimit}).
 *
 * <p>A host usually has a whole IPv6 /64, so a /64 counts as one address. Called on acceptor,
 * selector and request threads; never blocks.
 */
final class AddressLimit implements AcceptListener, Connection.Listener {

  private static final Logger LOG = LoggerFactory.getLogger(AddressLimit.class);

  private final int limit;
  private final TrustedProxies proxies;
  private final ConcurrentMap<Object, Integer> counts = new ConcurrentHashMap<>();

  /** Counted address per open channel, because a closed channel no longer has its address. */
  private final ConcurrentMap<Object, Object> open = new ConcurrentHashMap<>();

  private final LongAdder refused = new LongAdder();

  AddressLimit(int limit, TrustedProxies proxies) {
    this.limit = limit;
    this.proxies = proxies;
  }

  /** Returns how many connections were rejected. */
  long refused() {
    return refused.sum();
  }

  @Override
  public void onAccepting(SelectableChannel channel) {
    SocketAddress remote = remoteOf(channel);
    if (!proxies.contains(remote) && !occupy(channel, remote)) {
      IO.close(channel);
    }
  }

  /** A connection with the PROXY protocol has the address of its client at this time. */
  @Override
  public void onOpened(Connection connection) {
    if (proxies.isEmpty()) {
      return;
    }
    EndPoint endPoint = connection.getEndPoint();
    Object channel = channelOf(endPoint);
    if (!(channel instanceof SelectableChannel)) {
      return; // a WebSocket on a stream of HTTP/2
    }
    SocketAddress remote = endPoint.getRemoteSocketAddress();
    if (!open.containsKey(channel) && !proxies.contains(remote) && !occupy(channel, remote)) {
      endPoint.close();
    }
  }

  @Override
  public void onClosed(Connection connection) {
    // Also called when a connection is upgraded, so onClosed(channel) counts the end.
  }

  /**
   * Counts a connection for an address.
   *
   * @return false if the address has too many; the connection is then not counted
   */
  boolean occupy(Object channel, SocketAddress remote) {
    Object network = networkOf(remote);
    boolean[] accepted = new boolean[1];
    counts.compute(
        network,
        (key, count) -> {
          int now = count == null ? 0 : count;
          accepted[0] = now < limit;
          return accepted[0] ? Integer.valueOf(now + 1) : count;
        });
    if (accepted[0]) {
      open.put(channel, network);
    } else {
      refused.increment();
      // Debug level: otherwise a flood of connections would flood the log.
      LOG.debug("connection rejected address={} limit={}", network, limit);
    }
    return accepted[0];
  }

  @Override
  public void onAcceptFailed(SelectableChannel channel, Throwable cause) {
    release(channel);
  }

  @Override
  public void onClosed(SelectableChannel channel) {
    release(channel);
  }

  /** Stops counting a connection; does nothing if it is not counted. */
  void release(Object channel) {
    Object network = open.remove(channel);
    if (network != null) {
      counts.computeIfPresent(network, (key, count) -> count == 1 ? null : count - 1);
    }
  }

  /** Returns the channel of a connection, also below TLS and the PROXY protocol. */
  static Object channelOf(EndPoint endPoint) {
    Object transport = endPoint.getTransport();
    while (transport instanceof EndPoint inner) {
      transport = inner.getTransport();
    }
    return transport;
  }

  private static SocketAddress remoteOf(SelectableChannel channel) {
    try {
      return ((SocketChannel) channel).getRemoteAddress();
    } catch (IOException gone) {
      return null;
    }
  }

  private static Object networkOf(SocketAddress remote) {
    return remote instanceof InetSocketAddress inet && inet.getAddress() != null
        ? networkOf(inet.getAddress())
        : "unknown";
  }

  /**
   * Returns the key of an address: an IPv4 address itself, the upper 64 bits of an IPv6 address.
   */
  static Object networkOf(InetAddress address) {
    return address instanceof Inet6Address
        ? (Object) ByteBuffer.wrap(address.getAddress()).getLong()
        : address;
  }
}
