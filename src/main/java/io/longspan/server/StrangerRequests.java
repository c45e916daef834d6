package io.longspan.server;

import io.longspan.bayeux.BayeuxIdentity;
import io.longspan.identity.Credential;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Notifies connections of the start, the user and the end of their requests. */
final class StrangerRequests extends Handler.Wrapper {

  StrangerRequests(Handler next) {
    super(next);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!(request.getConnectionMetaData().getConnection()
        instanceof BoundedHttpConnection connection)) {
      return super.handle(request, response, callback);
    }
    connection.requestBegins();
    Request.addCompletionListener(request, failure -> connection.requestEnds());
    return super.handle(new OwnedRequest(request, connection), response, callback);
  }

  /** Intercepts the credential that the authentication filter sets. */
  private static final class OwnedRequest extends Request.Wrapper {
    private final BoundedHttpConnection connection;

    OwnedRequest(Request wrapped, BoundedHttpConnection connection) {
      super(wrapped);
      this.connection = connection;
    }

    @Override
    public Object setAttribute(String name, Object value) {
      if (name.equals(BayeuxIdentity.REQUEST_ATTRIBUTE) && value instanceof Credential credential) {
        connection.signedIn(credential.identity().user());
      }
      return super.setAttribute(name, value);
    }
  }
}
