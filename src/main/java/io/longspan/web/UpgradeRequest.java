package io.longspan.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.lang.reflect.Proxy;

/**
 * A request that is upgraded to a WebSocket. Jetty's WebSocket session keeps a reference to it as
 * long as the connection lasts. {@link #release} drops the original request, almost 6 KiB.
 */
final class UpgradeRequest extends HttpServletRequestWrapper {
  private static final HttpServletRequest OVER =
      (HttpServletRequest)
          Proxy.newProxyInstance(
              UpgradeRequest.class.getClassLoader(),
              new Class<?>[] {HttpServletRequest.class},
              (proxy, method, arguments) -> {
                throw new IllegalStateException("the upgrade is over");
              });

  UpgradeRequest(HttpServletRequest request) {
    super(request);
  }

  /** Drops the original request. Every later use throws {@code IllegalStateException}. */
  void release() {
    setRequest(OVER);
  }
}
