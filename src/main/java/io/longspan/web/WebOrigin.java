package io.longspan.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compares the origin of a page with the one that a request was sent to. */
final class WebOrigin {
  /** Just what browsers write: no path, no credentials, no upper case. */
  private static final Pattern ORIGIN =
      Pattern.compile("(https?)://([a-z0-9._-]+|\\[[0-9a-f:.]+])(?::([0-9]{1,5}))?");

  /**
   * The attribute by which the embedded server marks a request from a trusted proxy: the scheme
   * that the proxy named, or an empty text. In a container the request itself tells.
   */
  private static final String FORWARDED = "io.longspan.forwarded";

  private static final Pattern HOST =
      Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::([0-9]{1,5}))?");

  private WebOrigin() {}

  /**
   * Returns whether a page of an origin would call a request one to its own origin.
   *
   * @param origin the value of {@code Origin}
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

  /** Behind a trusted proxy {@code Host} may lack the port at which the proxy listens. */
  private static boolean isPortOf(HttpServletRequest request, String ownPort, Matcher page) {
    return (ownPort == null && request.getAttribute(FORWARDED) != null)
        || port(page.group(3), page.group(1)) == port(ownPort, page.group(1));
  }

  private static int port(String given, String scheme) {
    return given != null ? Integer.parseInt(given) : scheme.equals("https") ? 443 : 80;
  }

  /**
   * Where nothing says {@code https}, a page of {@code https} passes too: a proxy may end TLS and
   * not say so.
   */
  private static boolean isSchemeOf(HttpServletRequest request, String scheme) {
    if (request.isSecure()) {
      return scheme.equals("https");
    }
    boolean saysHttp = "http".equals(request.getAttribute(FORWARDED));
    return !saysHttp || scheme.equals("http");
  }

  /** Returns what a request was sent to, as far as it is known, for the log. */
  static String ownOf(HttpServletRequest request) {
    Object forwarded = request.getAttribute(FORWARDED);
    String scheme = request.isSecure() ? "https:" : "http".equals(forwarded) ? "http:" : "";
    return scheme + "//" + String.join(",", Collections.list(request.getHeaders("Host")));
  }
}
