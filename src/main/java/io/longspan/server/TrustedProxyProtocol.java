package io.longspan.server;

import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.ProxyConnectionFactory;

/**
 * PROXY protocol, versions 1 and 2, on connections of trusted proxies; optional for them. Other
 * peers must send HTTP from the first byte.
 */
final class TrustedProxyProtocol extends ProxyConnectionFactory {

  private final TrustedProxies proxies;

  TrustedProxyProtocol(TrustedProxies proxies) {
    super(HttpVersion.HTTP_1_1.asString());
    this.proxies = proxies;
  }

  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    return proxies.contains(endPoint.getRemoteSocketAddress())
        ? super.newConnection(connector, endPoint)
        : connector
            .getConnectionFactory(HttpVersion.HTTP_1_1.asString())
            .newConnection(connector, endPoint);
  }
}
