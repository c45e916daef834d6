package io.longspan.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Marks every response of the Bayeux endpoint with {@code X-Bridge-Id} (protocol section 7). */
public final class BridgeIdFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  /** The header by which a load balancer keeps a session on its bridge. */
  static final String HEADER = "X-Bridge-Id";

  private String bridgeId;

  @Override
  public void init() {
    bridgeId = BridgeRuntime.of(getServletContext()).config().bridge().id();
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    response.setHeader(HEADER, bridgeId);
    chain.doFilter(request, response);
  }
}
