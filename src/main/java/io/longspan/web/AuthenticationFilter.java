package io.longspan.web;

import io.longspan.bayeux.BayeuxIdentity;
import io.longspan.security.Identity;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;

/** Lets only authenticated requests through, with their identity as a request attribute. */
public final class AuthenticationFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private transient RequestIdentity identities;

  @Override
  public void init() {
    identities = new RequestIdentity(BridgeRuntime.of(getServletContext()).catalogue()::roles);
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Optional<Identity> identity = identities.find(request);
    if (identity.isPresent()) {
      request.setAttribute(BayeuxIdentity.REQUEST_ATTRIBUTE, identity.get());
      chain.doFilter(request, response);
    } else {
      Challenge.send(request, response);
    }
  }
}
