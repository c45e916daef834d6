package io.longspan.server;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.jetty.io.SelectorManager.AcceptListener;
import org.eclipse.jetty.util.IO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the connections of one remote address, HTTP and WebSocket alike: what is over the bound is
 * closed at once, before a byte is read.
 *
 * <p>Who has one address of IPv6 usually has a whole /64, so that is what is counted there. Called
 * on acceptor and selector threads; never blocks.
 */
final class AddressLimit implements AcceptListener {

  private static final Logger LOG = LoggerFactory.getLogger(AddressLimit.class);

  private final int limit;
  private final ConcurrentMap<Object, Integer> counts = new ConcurrentHashMap<>();

  /** Which address each open connection counts for; a closed one no longer tells. */
  private final ConcurrentMap<SelectableChannel, Object> open = new ConcurrentHashMap<>();

  private final LongAdder refused = new LongAdder();

  AddressLimit(int limit) {
    this.limit = limit;
  }

  /** How many connections were refused so far. */
  long refused() {
    return refused.sum();
  }

  @Override
  public void onAccepting(SelectableChannel channel) {
    Object network = networkOf(channel);
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
      // Not at a level that is on by default: whoever floods connections would flood the log.
      LOG.debug("connection refused address={} limit={}", network, limit);
      IO.close(channel);
    }
  }

  @Override
  public void onAcceptFailed(SelectableChannel channel, Throwable cause) {
    release(channel);
  }

  @Override
  public void onClosed(SelectableChannel channel) {
    release(channel);
  }

  private void release(SelectableChannel channel) {
    Object network = open.remove(channel);
    if (network != null) {
      counts.computeIfPresent(network, (key, count) -> count == 1 ? null : count - 1);
    }
  }

  private static Object networkOf(SelectableChannel channel) {
    try {
      return ((SocketChannel) channel).getRemoteAddress() instanceof InetSocketAddress remote
          ? networkOf(remote.getAddress())
          : "unknown";
    } catch (IOException gone) {
      return "unknown";
    }
  }

  /** What an address counts for: itself, or the first half of an address of IPv6. */
  static Object networkOf(InetAddress address) {
    return address instanceof Inet6Address
        ? (Object) ByteBuffer.wrap(address.getAddress()).getLong()
        : address;
  }
}
