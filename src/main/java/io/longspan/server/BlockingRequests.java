package io.longspan.server;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.pathmap.PathSpec;
import org.eclipse.jetty.http.pathmap.ServletPathSpec;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Handles requests that may block on other threads: all requests except those of the Bayeux
 * endpoint. The server's own threads are few, so that hundreds of polls do not delay the thread
 * that receives from the broker. Health, metrics and operator requests have threads of their own.
 *
 * <p>No thread waits for an unauthenticated client: forms are read and files are written
 * asynchronously.
 */
final class BlockingRequests extends Handler.Wrapper {
  private final PathSpec bayeux;
  private final List<PathSpec> operators;
  private final Executor operatorThreads;
  private final Executor otherThreads;

  /**
   * Creates the handler.
   *
   * @param contextPath context path with a trailing slash
   * @param operatorThreads handles health, metrics and operator requests
   * @param otherThreads handles all other requests except those of the Bayeux endpoint
   */
  BlockingRequests(
      Handler next, String contextPath, Executor operatorThreads, Executor otherThreads) {
    super(next);
    this.bayeux = new ServletPathSpec(contextPath + "cometd/*");
    this.operators =
        Stream.of("health/*", "metrics", "admin/*")
            .<PathSpec>map(path -> new ServletPathSpec(contextPath + path))
            .toList();
    this.operatorThreads = operatorThreads;
    this.otherThreads = otherThreads;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String path = String.valueOf(request.getHttpURI().getCanonicalPath());
    if (bayeux.matches(path)) {
      return super.handle(request, response, callback);
    }
    boolean isOperators = operators.stream().anyMatch(spec -> spec.matches(path));
    Executor threads = isOperators ? operatorThreads : otherThreads;
    threads.execute(() -> handleBlocking(request, response, callback));
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
