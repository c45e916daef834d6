package io.longspan.web;

import io.longspan.protocol.UserChannel;
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
 * Refuses requests that pages of other origins make, but for the origins that the configuration
 * allows; those get their CORS answers. A request that says neither in {@code Origin} nor in {@code
 * Sec-Fetch-Site} that a page made it comes from no page.
 */
public final class OriginFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = LoggerFactory.getLogger(OriginFilter.class);
  private static final int LONGEST_LOGGED = 300;

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
          "origin refused origin={} site={} own={} address={}",
          origin,
          logged(request.getHeader("Sec-Fetch-Site")),
          logged(WebOrigin.ownOf(request)),
          request.getRemoteAddr());
      refuse(request, response, origin);
    }
  }

  /**
   * Names the refused origin to a Bayeux client, whose own page it is. The user of a page behind a
   * proxy that changes {@code Host} would look for a wrong password otherwise.
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

  /** Escapes what a client wrote, but for the two characters that make an origin readable. */
  private static String logged(String value) {
    if (value == null || value.isEmpty()) {
      return "-";
    }
    String start = value.substring(0, Math.min(value.length(), LONGEST_LOGGED));
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
