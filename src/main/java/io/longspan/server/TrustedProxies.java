package io.longspan.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/** Addresses and networks of {@code http.trustedProxies}. */
final class TrustedProxies {

  /** A network; unlike in Jetty's own address set, host bits may be nonzero. */
  private record Network(byte[] address, int prefixBits) {

    static Network of(String text) {
      String[] parts = text.split("/", 2);
      try {
        byte[] address = InetAddress.getByName(parts[0]).getAddress(); // a literal needs no lookup
        return new Network(
            address, parts.length == 1 ? address.length * 8 : Integer.parseInt(parts[1]));
      } catch (UnknownHostException x) {
        throw new IllegalArgumentException("'" + text + "' is not an address or a network", x);
      }
    }

    boolean contains(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      for (int bit = 0; bit < prefixBits; bit += 8) {
        int mask = 0xFF << Math.max(0, bit + 8 - prefixBits);
        if (((address[bit / 8] ^ other[bit / 8]) & mask & 0xFF) != 0) {
          return false;
        }
      }
      return true;
    }
  }

  private final List<Network> networks;

  /**
   * Creates the set.
   *
   * @param texts IP addresses, each optionally with a slash and a prefix length
   * @throws IllegalArgumentException if a text is not an address
   */
  TrustedProxies(List<String> texts) {
    this.networks = texts.stream().map(Network::of).toList();
  }

  boolean isEmpty() {
    return networks.isEmpty();
  }

  boolean contains(SocketAddress peer) {
    return !networks.isEmpty()
        && peer instanceof InetSocketAddress inet
        && inet.getAddress() != null
        && contains(inet.getAddress());
  }

  boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    return networks.stream().anyMatch(network -> network.contains(bytes));
  }
}
