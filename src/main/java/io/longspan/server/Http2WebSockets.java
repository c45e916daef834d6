package io.longspan.server;

import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.TunnelSupport;
import org.eclipse.jetty.util.Callback;

/**
 * Marks the requests that open a WebSocket on a stream of HTTP/2 (RFC 8441), and rejects every
 * other {@code CONNECT}.
 */
final class Http2WebSockets extends Handler.Wrapper {
  /** Attribute of requests that open a WebSocket by extended {@code CONNECT}. */
  static final String ATTRIBUTE = "io.longspan.extendedConnect";

  Http2WebSockets(Handler next) {
    super(next);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (HttpMethod.CONNECT.is(request.getMethod())) {
      TunnelSupport tunnel = request.getTunnelSupport();
      if (tunnel == null || !"websocket".equals(tunnel.getProtocol())) {
        Response.writeError(request, response, callback, HttpStatus.NOT_IMPLEMENTED_501);
        return true;
      }
      request.setAttribute(ATTRIBUTE, Boolean.TRUE);
    }
    return super.handle(request, response, callback);
  }
}
