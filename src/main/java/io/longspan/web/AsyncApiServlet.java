package io.longspan.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.authentication.Authentication;
import io.longspan.authentication.Challenge;
import io.longspan.bayeux.BayeuxIdentity;
import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.identity.Credential;
import io.longspan.runtime.BridgeRuntime;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * What the user of a request may use, as an AsyncAPI document (protocol section 18). It fails
 * closed: a request without the attribute of the authentication filter is anonymous.
 */
public final class AsyncApiServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private final transient ObjectMapper json = new ObjectMapper();
  private transient BayeuxJMSBridge bridge;

  @Override
  public void init() {
    bridge = BridgeRuntime.of(getServletContext()).bridge();
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Cache-Control", "no-store");
    if (request.getAttribute(BayeuxIdentity.REQUEST_ATTRIBUTE) instanceof Credential found) {
      response.setContentType("application/json");
      response
          .getOutputStream()
          .write(json.writeValueAsBytes(AsyncApiDocument.of(bridge.describe(found.identity()))));
    } else {
      Challenge.send(request, response, new Authentication.Anonymous());
    }
  }
}
