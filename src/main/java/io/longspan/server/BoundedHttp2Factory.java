package io.longspan.server;

import java.util.HashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.FlowControlStrategy;
import org.eclipse.jetty.http2.SessionContainer;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.SettingsFrame;
import org.eclipse.jetty.http2.generator.Generator;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.http2.server.internal.HTTP2ServerSession;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;

/**
 * Creates {@link BoundedHttp2Connection}s: {@code h2} below TLS, {@code h2c} on plain connections.
 *
 * <p>{@code h2c} needs prior knowledge. The header {@code Upgrade: h2c} is ignored: a proxy that
 * passes it on, as it does for WebSockets, would give its client a connection on which the client
 * writes the proxy's headers.
 */
final class BoundedHttp2Factory extends HTTP2ServerConnectionFactory
    implements ConnectionFactory.Upgrading {
  /** Protocol of HTTP/2 over TLS, as ALPN names it. */
  static final String TLS = "h2";

  /** Protocol of HTTP/2 on a plain connection, as Jetty's HTTP/1.1 looks it up. */
  static final String PLAIN = "h2c";

  /**
   * Largest header list that is decoded; a larger one ends the connection. It exceeds the largest
   * one that is accepted, so that a large header usually fails only its own stream.
   */
  static final int MAX_DECODED_HEADER = 64 << 10;

  private final StrangerConnections strangers;

  /**
   * Creates the factory.
   *
   * @param protocol {@link #TLS} or {@link #PLAIN}
   */
  BoundedHttp2Factory(
      HttpConfiguration configuration, String protocol, StrangerConnections strangers) {
    super(configuration, protocol);
    this.strangers = strangers;
    setMaxConcurrentStreams(BoundedHttp2Connection.MAX_STREAMS);
    // Received data that nobody reads is bounded by these, see BoundedHttp2Connection.
    setInitialSessionRecvWindow(FlowControlStrategy.DEFAULT_WINDOW_SIZE);
    setInitialStreamRecvWindow(FlowControlStrategy.DEFAULT_WINDOW_SIZE);
  }

  @Override
  protected Map<Integer, Integer> newSettings() {
    Map<Integer, Integer> settings = new HashMap<>(super.newSettings());
    settings.put(SettingsFrame.MAX_HEADER_LIST_SIZE, MAX_DECODED_HEADER);
    return settings;
  }

  @Override
  public boolean isAcceptable(String protocol, String tlsProtocol, String tlsCipher) {
    return protocol.equals(TLS) && super.isAcceptable(protocol, tlsProtocol, tlsCipher);
  }

  /** Like Jetty's method, with a parser and a connection of our own. */
  @Override
  public Connection newConnection(Connector connector, EndPoint endPoint) {
    BoundedHttp2Parser parser =
        new BoundedHttp2Parser(connector.getByteBufferPool(), MAX_DECODED_HEADER, new Http2Rates());
    parser.setMaxSettingsKeys(getMaxSettingsKeys());
    Generator generator =
        new Generator(
            connector.getByteBufferPool(),
            isUseOutputDirectByteBuffers(),
            getMaxHeaderBlockFragment());
    generator
        .getHpackEncoder()
        .setMaxHeaderListSize(getHttpConfiguration().getResponseHeaderSize());
    HTTPServerSessionListener listener = new EndsOfStreams(endPoint);
    HTTP2ServerSession session =
        new HTTP2ServerSession(
            connector.getScheduler(),
            endPoint,
            parser,
            generator,
            listener,
            getFlowControlStrategyFactory().newFlowControlStrategy());
    session.setMaxLocalStreams(getMaxConcurrentStreams());
    session.setMaxRemoteStreams(getMaxConcurrentStreams());
    session.setMaxEncoderTableCapacity(getMaxEncoderTableCapacity());
    session.setStreamIdleTimeout(endPoint.getIdleTimeout());
    session.setInitialSessionRecvWindow(getInitialSessionRecvWindow());
    session.setWriteThreshold(getHttpConfiguration().getOutputBufferSize());
    session.setConnectProtocolEnabled(isConnectProtocolEnabled());
    BoundedHttp2Connection connection =
        new BoundedHttp2Connection(
            connector, endPoint, getHttpConfiguration(), session, listener, strangers);
    connection.setUseInputDirectByteBuffers(isUseInputDirectByteBuffers());
    connection.setUseOutputDirectByteBuffers(isUseOutputDirectByteBuffers());
    connection.addEventListener(getBean(SessionContainer.class));
    parser.init(connection);
    return configure(connection, connector, endPoint);
  }

  @Override
  public Connection upgradeConnection(
      Connector connector, EndPoint endPoint, MetaData.Request request, HttpFields.Mutable answer) {
    if (!HttpMethod.PRI.is(request.getMethod())) {
      return null;
    }
    BoundedHttp2Connection connection = (BoundedHttp2Connection) newConnection(connector, endPoint);
    connection.upgrade(request, answer);
    return connection;
  }

  /** Tells the connection which streams are closed. */
  private final class EndsOfStreams extends HTTPServerSessionListener {
    private final EndPoint endPoint;

    EndsOfStreams(EndPoint endPoint) {
      super(endPoint);
      this.endPoint = endPoint;
    }

    @Override
    public void onClosed(Stream stream) {
      super.onClosed(stream);
      if (endPoint.getConnection() instanceof BoundedHttp2Connection connection) {
        connection.streamEnds(stream.getId());
      }
    }
  }
}
