package io.longspan.server;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * An HTTP connection that {@link StrangerConnections} may close until it has a user. It bounds the
 * number of header fields, because a short field needs many times its bytes in memory.
 */
final class BoundedHttpConnection extends HttpConnection {
  /** The default of Tomcat and the Apache HTTP Server. */
  static final int MAX_HEADER_FIELDS = 100;

  private final StrangerPlace place;

  /** Bytes received before the current header; written before a request is handled. */
  private volatile long bytesBefore;

  private BoundedHttpConnection(
      HttpConfiguration configuration,
      Connector connector,
      EndPoint endPoint,
      StrangerConnections strangers) {
    super(configuration, connector, endPoint);
    this.place = strangers.connection(endPoint, getId(), 0);
  }

  /** Returns a factory of such connections. */
  static HttpConnectionFactory factory(
      HttpConfiguration configuration, StrangerConnections strangers) {
    return new HttpConnectionFactory(configuration) {
      @Override
      public Connection newConnection(Connector connector, EndPoint endPoint) {
        return configure(
            new BoundedHttpConnection(getHttpConfiguration(), connector, endPoint, strangers),
            connector,
            endPoint);
      }
    };
  }

  @Override
  public void onOpen() {
    place.open(StrangerConnections.IDLE_BYTES);
    super.onOpen();
  }

  @Override
  public void onFillable() {
    super.onFillable();
    if (place.isStranger() && isInHeader()) {
      place.weigh(
          StrangerConnections.IDLE_BYTES
              + StrangerConnections.HEADER_BYTE_COST * (getBytesIn() - bytesBefore));
    }
  }

  /** Returns whether a header is partly received. */
  boolean isInHeader() {
    return getParser().inHeaderState() && !getParser().isStart();
  }

  /** Called when a header is complete. */
  void requestBegins() {
    if (place.isStranger()) {
      bytesBefore = getBytesIn();
      place.weigh(StrangerConnections.REQUEST_BYTES);
    }
  }

  /** Called when an answer is complete. */
  void requestEnds() {
    place.renew(StrangerConnections.IDLE_BYTES);
  }

  /** Called when a request of a user is authenticated. */
  void signedIn(String name) {
    place.signedIn(name);
  }

  @Override
  public void onClose(Throwable cause) {
    super.onClose(cause);
    place.close();
  }

  @Override
  protected RequestHandler newRequestHandler() {
    return new CountingHandler();
  }

  private final class CountingHandler extends RequestHandler {
    private int fields;

    @Override
    public void startRequest(String method, String uri, HttpVersion version) {
      fields = 0;
      super.startRequest(method, uri, version);
    }

    @Override
    public void parsedHeader(HttpField field) {
      count();
      super.parsedHeader(field);
    }

    @Override
    public void parsedTrailer(HttpField field) {
      count();
      super.parsedTrailer(field);
    }

    private void count() {
      fields++;
      if (fields > MAX_HEADER_FIELDS) {
        throw new HttpException.RuntimeException(
            HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431, "too many header fields");
      }
    }
  }
}
