package io.longspan.web;

import io.longspan.protocol.UserChannel;
import io.longspan.runtime.BridgeRuntime;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rejects requests of pages from other origins, except from {@code security.allowedOrigins}; those
 * get CORS headers. A request without {@code Origin} and {@code Sec-Fetch-Site} does not come from
 * a page.
 */
public final class OriginFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(OriginFilter.class);
  private static final int MAX_LOGGED = 300;

  private List<String> allowed;
  private transient LongAdder refused;

  @Override
  public void init() {
    BridgeRuntime runtime = BridgeRuntime.of(getServletContext());
    allowed = runtime.config().security().allowedOrigins();
    refused = runtime.meters().refusedOrigins();
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
      refused.increment();
      String origin = logged(String.join(",", origins));
      LOG.info(
          "origin rejected origin={} site={} own={} address={}",
          origin,
          logged(request.getHeader("Sec-Fetch-Site")),
          logged(WebOrigin.ownOf(request)),
          request.getRemoteAddr());
      refuse(request, response, origin);
    }
  }

  /**
   * Names the origin in the answer to a Bayeux client. Otherwise a user behind a proxy that changes
   * {@code Host} would suspect a wrong password.
   */
  private static void refuse(
      HttpServletRequest request, HttpServletResponse response, String origin) throws IOException {
    if (!request.getServletPath().equals("/cometd")) {
      response.sendError(HttpServletResponse.SC_FORBIDDEN);
      return;
    }
    response.setStatus(HttpServletResponse.SC_FORBIDDEN);
    response.setHeader("Cache-Control", "no-store");
    response.setContentType("text/plain");
    response
        .getOutputStream()
        .write(
            "originRefused: %s is not an origin that this bridge allows\n"
                .formatted(origin.equals("-") ? "another one than its own" : origin)
                .getBytes(StandardCharsets.US_ASCII));
  }

  /** Escapes text of a client, except the colons and slashes of an origin. */
  private static String logged(String value) {
    if (value == null || value.isEmpty()) {
      return "-";
    }
    String start = value.substring(0, Math.min(value.length(), MAX_LOGGED));
    return UserChannel.encode(start).replace("~3A", ":").replace("~2F", "/");
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

  /** Returns whether a request does not come from a page of another origin. */
  static boolean isFromThisOrigin(HttpServletRequest request) {
    List<String> origins = Collections.list(request.getHeaders("Origin"));
    return isFetchedFromHere(request)
        && (origins.isEmpty()
            || (origins.size() == 1 && WebOrigin.isThatOf(request, origins.get(0))));
  }

  /** Browsers that omit {@code Origin} still send this header. */
  private static boolean isFetchedFromHere(HttpServletRequest request) {
    return Collections.list(request.getHeaders("Sec-Fetch-Site")).stream()
        .allMatch(site -> site.equals("same-origin") || site.equals("none"));
  }
}
