package io.longspan.server;

import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.ProxyConnectionFactory;

/**
 * PROXY protocol, versions 1 and 2, on connections of trusted proxies; optional for them. Other
 * peers must send HTTP or TLS from the first byte.
 */
final class TrustedProxyProtocol extends ProxyConnectionFactory {

  private final TrustedProxies proxies;
  private final String next;

  /**
   * Creates the protocol.
   *
   * @param next the protocol that follows: HTTP or TLS
   */
  TrustedProxyProtocol(TrustedProxies proxies, String next) {
    super(next);
    this.proxies = proxies;
    this.next = next;
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    return proxies.contains(endPoint.getRemoteSocketAddress())
        ? super.newConnection(connector, endPoint)
        : connector.getConnectionFactory(next).newConnection(connector, endPoint);
  }
}
