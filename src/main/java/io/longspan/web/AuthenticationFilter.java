package io.longspan.web;

import io.longspan.authentication.Authentication;
import io.longspan.authentication.Challenge;
import io.longspan.authentication.RequestIdentity;
import io.longspan.bayeux.BayeuxIdentity;
import io.longspan.runtime.BridgeRuntime;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Passes authenticated requests on, with their credential as a request attribute; answers the
 * others with a challenge.
 *
 * <p>If tokens are configured, WebSocket upgrades without credentials pass too. A browser cannot
 * send a token with an upgrade, so it must follow in the handshake.
 */
public final class AuthenticationFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private transient RequestIdentity identities;
  private transient boolean tokensFollow;

  @Override
  public void init() {
    BridgeRuntime runtime = BridgeRuntime.of(getServletContext());
    identities = runtime.identities();
    tokensFollow = runtime.tokens().isPresent();
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Authentication found = identities.authenticate(request);
    if (found instanceof Authentication.Granted granted) {
      request.setAttribute(BayeuxIdentity.REQUEST_ATTRIBUTE, granted.credential());
      chain.doFilter(request, response);
    } else if (found instanceof Authentication.Anonymous
        && tokensFollow
        && BayeuxServlet.isUpgrade(request)) {
      chain.doFilter(request, response);
    } else {
      Challenge.send(request, response, found);
    }
  }
}
