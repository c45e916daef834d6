package io.longspan.bayeux;

import io.longspan.security.Identity;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.cometd.server.websocket.common.AbstractBayeuxContext;

/**
 * What is known of a WebSocket client: a copy of its upgrade request, which does not outlive it.
 */
public final class WebSocketCaller extends AbstractBayeuxContext {
  private final Identity identity;

  /**
   * Copies an upgrade request.
   *
   * @param request the request, already authenticated
   * @param identity who it comes from
   */
  public WebSocketCaller(HttpServletRequest request, Identity identity) {
    super(
        request.getRequestURL().toString(),
        request.getContextPath(),
        request.getQueryString(),
        headers(request),
        Map.of(),
        request.getUserPrincipal(),
        InetSocketAddress.createUnresolved(request.getLocalAddr(), request.getLocalPort()),
        InetSocketAddress.createUnresolved(request.getRemoteAddr(), request.getRemotePort()),
        List.of(request.getLocale()),
        request.getProtocol(),
        request.isSecure());
    this.identity = identity;
  }

  private static Map<String, List<String>> headers(HttpServletRequest request) {
    Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String name : List.of("User-Agent", "Origin")) {
      List<String> values = new ArrayList<>(Collections.list(request.getHeaders(name)));
      if (!values.isEmpty()) {
        headers.put(name, values);
      }
    }
    return headers;
  }

  @Override
  public Object getRequestAttribute(String name) {
    return BayeuxIdentity.REQUEST_ATTRIBUTE.equals(name) ? identity : null;
  }
}
