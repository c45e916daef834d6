package io.longspan.web;

import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Requests of headers and nothing else, also such as no server of ours would hand on. */
final class HeadersOnly {
  private HeadersOnly() {}

  static HttpServletRequest request(boolean secure, Map<String, List<String>> headers) {
    return (HttpServletRequest)
        Proxy.newProxyInstance(
            HeadersOnly.class.getClassLoader(),
            new Class<?>[] {HttpServletRequest.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "isSecure" -> secure;
                  case "getAttribute" -> null;
                  case "getHeaders" ->
                      Collections.enumeration(
                          headers.getOrDefault((String) arguments[0], List.of()));
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }
}
