package io.longspan.server;

import java.util.concurrent.Executor;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.pathmap.PathSpec;
import org.eclipse.jetty.http.pathmap.ServletPathSpec;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Hands requests whose handling may wait for their client to other threads than the server's own:
 * all but those of the Bayeux endpoint. The server's own threads are few, so that what comes from
 * the broker does not have to wait for hundreds of polls; who reads a file slowly, or sends a form
 * slowly, has none of them.
 */
final class BlockingRequests extends Handler.Wrapper {
  private final PathSpec bayeux;
  private final Executor blocking;

  /**
   * Creates a handler.
   *
   * @param bayeuxPath the path of the Bayeux endpoint, with the context path
   * @param blocking handles all other requests
   */
  BlockingRequests(Handler next, String bayeuxPath, Executor blocking) {
    super(next);
    this.bayeux = new ServletPathSpec(bayeuxPath + "/*");
    this.blocking = blocking;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String path = request.getHttpURI().getCanonicalPath();
    if (path != null && bayeux.matches(path)) {
      return super.handle(request, response, callback);
    }
    blocking.execute(() -> handleBlocking(request, response, callback));
    return true;
  }

  private void handleBlocking(Request request, Response response, Callback callback) {
    try {
      if (!super.handle(request, response, callback)) {
        Response.writeError(request, response, callback, HttpStatus.NOT_FOUND_404);
      }
    } catch (Throwable failure) {
      Response.writeError(request, response, callback, failure);
    }
  }
}
