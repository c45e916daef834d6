package io.longspan.server;

import io.longspan.bayeux.BayeuxIdentity;
import io.longspan.identity.Credential;
import java.util.function.Consumer;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Notifies connections, and streams of HTTP/2, of the start, the user and the end of requests. */
final class StrangerRequests extends Handler.Wrapper {

  StrangerRequests(Handler next) {
    super(next);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Connection connection = request.getConnectionMetaData().getConnection();
    if (connection instanceof BoundedHttpConnection http1) {
      http1.requestBegins();
      Request.addCompletionListener(request, failure -> http1.requestEnds());
      return super.handle(new OwnedRequest(request, http1::signedIn), response, callback);
    }
    if (connection instanceof BoundedHttp2Connection http2) {
      String id = request.getId();
      if (request.getAttribute(ForwardedRequests.ATTRIBUTE) != null) {
        http2.requestOf(id, request.getConnectionMetaData().getRemoteSocketAddress());
      }
      Request.addCompletionListener(request, failure -> http2.requestEnds(id));
      return super.handle(
          new OwnedRequest(request, user -> http2.signedIn(id, user)), response, callback);
    }
    return super.handle(request, response, callback);
  }

  /** Intercepts the credential that the authentication filter sets. */
  private static final class OwnedRequest extends Request.Wrapper {
    private final Consumer<String> signedIn;

    OwnedRequest(Request wrapped, Consumer<String> signedIn) {
      super(wrapped);
      this.signedIn = signedIn;
    }

    @Override
    public Object setAttribute(String name, Object value) {
      if (name.equals(BayeuxIdentity.REQUEST_ATTRIBUTE) && value instanceof Credential credential) {
        signedIn.accept(credential.identity().user());
      }
      return super.setAttribute(name, value);
    }
  }
}
