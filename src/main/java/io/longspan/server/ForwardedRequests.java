package io.longspan.server;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.eclipse.jetty.http.BadMessageException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Applies the forwarding headers of trusted proxies: address, scheme and host of the client's
 * request. All later checks and logs see these. Forwarding headers of others are ignored.
 *
 * <p>Jetty's {@code ForwardedRequestCustomizer} trusts every peer, and reads the first entry of
 * each list, which the client itself can write.
 */
final class ForwardedRequests implements HttpConfiguration.Customizer {

  /**
   * Attribute of requests from a trusted proxy. Its value is the scheme that the proxy named, or an
   * empty string.
   */
  static final String ATTRIBUTE = "io.longspan.forwarded";

  private final TrustedProxies proxies;

  ForwardedRequests(TrustedProxies proxies) {
    this.proxies = proxies;
  }

  @Override
  public Request customize(Request request, HttpFields.Mutable responseHeaders) {
    if (!proxies.contains(request.getConnectionMetaData().getRemoteSocketAddress())) {
      return request;
    }
    try {
      Forwarding said = Forwarding.read(request.getHeaders(), proxies);
      request.setAttribute(ATTRIBUTE, said.scheme() == null ? "" : said.scheme());
      return new Forwarded(request, said);
    } catch (IllegalArgumentException malformed) {
      throw new BadMessageException(malformed.getMessage(), malformed);
    }
  }

  private static final class Forwarded extends Request.Wrapper {
    private final boolean secure;
    private final HttpURI uri;
    private final HttpFields headers;
    private final ConnectionMetaData connection;

    Forwarded(Request request, Forwarding said) {
      super(request);
      this.secure = said.scheme() == null ? request.isSecure() : said.scheme().equals("https");
      HttpURI.Mutable changed = HttpURI.build(request.getHttpURI());
      if (said.scheme() != null) {
        changed.scheme(said.scheme());
      }
      if (said.host() == null) {
        this.headers = request.getHeaders();
      } else {
        changed.authority(said.host().getHost(), said.host().getPort());
        this.headers =
            HttpFields.build(request.getHeaders())
                .put(HttpHeader.HOST, said.host().toString())
                .asImmutable();
      }
      this.uri = changed.asImmutable();
      this.connection = new Proxied(request.getConnectionMetaData(), said.client(), secure);
    }

    @Override
    public boolean isSecure() {
      return secure;
    }

    @Override
    public HttpURI getHttpURI() {
      return uri;
    }

    @Override
    public HttpFields getHeaders() {
      return headers;
    }

    @Override
    public ConnectionMetaData getConnectionMetaData() {
      return connection;
    }
  }

  private static final class Proxied extends ConnectionMetaData.Wrapper {
    private final SocketAddress client;
    private final boolean secure;

    Proxied(ConnectionMetaData wrapped, String client, boolean secure) {
      super(wrapped);
      // A literal needs no lookup; "unknown" must not be looked up.
      this.client =
          client == null
              ? wrapped.getRemoteSocketAddress()
              : client.equals(Forwarding.UNKNOWN)
                  ? InetSocketAddress.createUnresolved(client, 0)
                  : new InetSocketAddress(client, 0);
      this.secure = secure;
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
      return client;
    }

    @Override
    public boolean isSecure() {
      return secure;
    }
  }
}
