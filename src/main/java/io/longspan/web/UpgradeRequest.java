package io.longspan.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.lang.reflect.Proxy;

/**
 * A request that becomes a WebSocket connection. Jetty's WebSocket session refers to it for as long
 * as the connection lasts, with everything that was needed to read and answer it: almost 6 KiB.
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

  /** Lets go of the request; from now on every use of it fails. */
  void release() {
    setRequest(OVER);
  }
}
