package io.longspan.jms;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;

/**
 * Finds out why an address is not reachable, for a provider whose errors do not say it. Artemis'
 * client only says "Failed to create session factory".
 */
final class AddressProbe {
  /** Maximum time to wait for a connection. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private AddressProbe() {}

  /**
   * Connects to an address and disconnects. Blocks for 2 s at most, and while the name is resolved.
   *
   * @param url a URL with a host
   * @return the reason, as text for an operator
   */
  static String problem(String url) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException malformed) {
      return "not a URL";
    }
    if (uri.getHost() == null) {
      return "no host in the URL";
    }
    int port = uri.getPort() < 0 ? 61_616 : uri.getPort();
    InetSocketAddress address = new InetSocketAddress(uri.getHost(), port);
    if (address.isUnresolved()) {
      return "unknown host " + uri.getHost();
    }
    try (Socket socket = new Socket()) {
      socket.connect(address, (int) PATIENCE.toMillis());
      return "the address accepts connections, but the broker did not answer as expected";
    } catch (SocketTimeoutException silent) {
      return "no answer within %d s".formatted(PATIENCE.toSeconds());
    } catch (IOException refused) {
      return String.valueOf(refused.getMessage());
    }
  }
}
