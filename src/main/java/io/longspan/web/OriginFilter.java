package io.longspan.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;

/**
 * Refuses requests that pages of other origins make, but for the origins that the configuration
 * allows; those get their CORS answers. A request that says neither in {@code Origin} nor in {@code
 * Sec-Fetch-Site} that a page made it comes from no page.
 */
public final class OriginFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private List<String> allowed;

  @Override
  public void init() {
    allowed = BridgeRuntime.of(getServletContext()).config().security().allowedOrigins();
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    response.addHeader("Vary", "Origin, Sec-Fetch-Site");
    List<String> origins = Collections.list(request.getHeaders("Origin"));
    if (origins.size() == 1 && allowed.contains(origins.get(0))) {
      serveAllowed(request, response, chain, origins.get(0));
    } else if (isFromThisOrigin(request)) {
      chain.doFilter(request, response);
    } else {
      response.sendError(HttpServletResponse.SC_FORBIDDEN);
    }
  }

  private static void serveAllowed(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain, String origin)
      throws IOException, ServletException {
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Access-Control-Allow-Credentials", "true");
    response.setHeader("Access-Control-Expose-Headers", BridgeIdFilter.HEADER);
    if ("OPTIONS".equals(request.getMethod())) {
      response.setHeader("Access-Control-Allow-Methods", "GET, POST");
      response.setHeader(
          "Access-Control-Allow-Headers",
          "Authorization, Content-Type, X-Bridge-Id, X-Correlation-Id");
      response.setHeader("Access-Control-Max-Age", "600");
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    } else {
      chain.doFilter(request, response);
    }
  }

  /** Returns whether no page of another origin has sent a request. */
  static boolean isFromThisOrigin(HttpServletRequest request) {
    List<String> origins = Collections.list(request.getHeaders("Origin"));
    return isFetchedFromHere(request)
        && (origins.isEmpty()
            || (origins.size() == 1 && WebOrigin.isThatOf(request, origins.get(0))));
  }

  /** A browser that leaves {@code Origin} out of a request says this in all the same. */
  private static boolean isFetchedFromHere(HttpServletRequest request) {
    return Collections.list(request.getHeaders("Sec-Fetch-Site")).stream()
        .allMatch(site -> site.equals("same-origin") || site.equals("none"));
  }
}
