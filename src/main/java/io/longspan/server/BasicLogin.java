package io.longspan.server;

import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.security.AuthenticationState;
import org.eclipse.jetty.security.ServerAuthException;
import org.eclipse.jetty.security.authentication.BasicAuthenticator;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * HTTP Basic in UTF-8. A header that is not valid Base64 gets a challenge instead of a server
 * error.
 */
final class BasicLogin extends BasicAuthenticator {

  BasicLogin() {
    setCharset(StandardCharsets.UTF_8);
  }

  @Override
  public AuthenticationState validateRequest(Request request, Response response, Callback callback)
      throws ServerAuthException {
    try {
      return super.validateRequest(request, response, callback);
    } catch (IllegalArgumentException notBase64) {
      if (response.isCommitted()) {
        return null;
      }
      response
          .getHeaders()
          .put(
              HttpHeader.WWW_AUTHENTICATE,
              "Basic realm=\"%s\", charset=\"UTF-8\"".formatted(getLoginService().getName()));
      Response.writeError(request, response, callback, HttpStatus.UNAUTHORIZED_401);
      return AuthenticationState.CHALLENGE;
    }
  }
}
