package io.longspan.web;

import io.longspan.runtime.BridgeRuntime;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Sets {@code X-Bridge-Id} on each response of the Bayeux endpoint (protocol section 7). */
public final class BridgeIdFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  /** A load balancer routes the requests of a session to its bridge by this header. */
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
