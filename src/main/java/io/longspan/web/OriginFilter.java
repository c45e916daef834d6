package io.longspan.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;

/**
 * Refuses requests that pages of other origins make, but for the origins that the configuration
 * allows; those get their CORS answers. A request without {@code Origin} comes from no page.
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
    String origin = request.getHeader("Origin");
    response.addHeader("Vary", "Origin");
    if (origin == null || isSameOrigin(request, origin)) {
      chain.doFilter(request, response);
    } else if (allowed.contains(origin)) {
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
    } else {
      response.sendError(HttpServletResponse.SC_FORBIDDEN);
    }
  }

  /**
   * Compares hosts and ports; the scheme is not compared, because a proxy in front may have ended
   * TLS.
   */
  static boolean isSameOrigin(HttpServletRequest request, String origin) {
    String host = request.getHeader("Host");
    try {
      URI uri = new URI(origin);
      if (host == null || uri.getHost() == null) {
        return false;
      }
      String authority = uri.getAuthority().toLowerCase(Locale.ROOT);
      String own = host.toLowerCase(Locale.ROOT);
      return authority.equals(own) || withoutDefaultPort(authority).equals(withoutDefaultPort(own));
    } catch (URISyntaxException x) {
      return false;
    }
  }

  private static String withoutDefaultPort(String authority) {
    return authority.replaceFirst(":(?:80|443)$", "");
  }
}
