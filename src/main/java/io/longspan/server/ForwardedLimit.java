package io.longspan.server;

import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Counts connections of a trusted proxy for the clients of their requests. A connection counts from
 * the start of a request until its answer; a WebSocket counts until it is closed. With HTTP/2 each
 * stream counts like a connection.
 */
final class ForwardedLimit extends Handler.Wrapper {

  private final AddressLimit limit;

  ForwardedLimit(Handler next, AddressLimit limit) {
    super(next);
    this.limit = limit;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (request.getAttribute(ForwardedRequests.ATTRIBUTE) == null) {
      return super.handle(request, response, callback);
    }
    Connection connection = request.getConnectionMetaData().getConnection();
    BoundedHttp2Connection http2 =
        connection instanceof BoundedHttp2Connection shared ? shared : null;
    Object channel =
        http2 == null ? AddressLimit.channelOf(connection.getEndPoint()) : new Object();
    if (!limit.occupy(channel, request.getConnectionMetaData().getRemoteSocketAddress())) {
      Response.writeError(request, response, callback, HttpStatus.TOO_MANY_REQUESTS_429);
      return true;
    }
    if (http2 != null) {
      http2.atEndOf(request.getId(), () -> limit.release(channel));
      return super.handle(request, response, callback);
    }
    Request.addCompletionListener(
        request,
        failure -> {
          if (response.getStatus() != HttpStatus.SWITCHING_PROTOCOLS_101) {
            limit.release(channel);
          }
        });
    return super.handle(request, response, callback);
  }
}
