package io.longspan.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compares the origin of a page with the origin that a request was sent to. */
final class WebOrigin {
  /** The form that browsers send: lower case, without path and credentials. */
  private static final Pattern ORIGIN =
      Pattern.compile("(https?)://([a-z0-9._-]+|\\[[0-9a-f:.]+])(?::([0-9]{1,5}))?");

  /**
   * Set by the embedded server on requests from a trusted proxy: the scheme that the proxy named,
   * or an empty string. Containers do not set it.
   */
  private static final String FORWARDED = "io.longspan.forwarded";

  private static final Pattern HOST =
      Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::([0-9]{1,5}))?");

  private WebOrigin() {}

  /**
   * Returns whether a request is same-origin for a page of an origin.
   *
   * @param origin value of the header {@code Origin}
   */
  static boolean isThatOf(HttpServletRequest request, String origin) {
    List<String> hosts = Collections.list(request.getHeaders("Host"));
    if (hosts.size() != 1) {
      return false;
    }
    Matcher page = ORIGIN.matcher(origin);
    Matcher own = HOST.matcher(hosts.get(0));
    return page.matches()
        && own.matches()
        && page.group(2).equalsIgnoreCase(own.group(1))
        && isPortOf(request, own.group(2), page)
        && isSchemeOf(request, page.group(1));
  }

  /** A trusted proxy may omit its own port from {@code Host}, so a missing port then matches. */
  private static boolean isPortOf(HttpServletRequest request, String ownPort, Matcher page) {
    return (ownPort == null && request.getAttribute(FORWARDED) != null)
        || port(page.group(3), page.group(1)) == port(ownPort, page.group(1));
  }

  private static int port(String given, String scheme) {
    return given != null ? Integer.parseInt(given) : scheme.equals("https") ? 443 : 80;
  }

  /**
   * Without information about TLS an {@code https} page passes too, because a proxy may terminate
   * TLS without saying so.
   */
  private static boolean isSchemeOf(HttpServletRequest request, String scheme) {
    if (request.isSecure()) {
      return scheme.equals("https");
    }
    boolean saysHttp = "http".equals(request.getAttribute(FORWARDED));
    return !saysHttp || scheme.equals("http");
  }

  /** Returns the origin that the request was sent to, as far as known, for the log. */
  static String ownOf(HttpServletRequest request) {
    Object forwarded = request.getAttribute(FORWARDED);
    String scheme = request.isSecure() ? "https:" : "http".equals(forwarded) ? "http:" : "";
    return scheme + "//" + String.join(",", Collections.list(request.getHeaders("Host")));
  }
}
