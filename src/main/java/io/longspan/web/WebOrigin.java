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

  private static final Pattern HOST =
      Pattern.compile("([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])(?::([0-9]{1,5}))?");

  private WebOrigin() {}

  /** Returns whether a page of this origin would call the request one to its own origin. */
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
        && port(page.group(3), page.group(1)) == port(own.group(2), page.group(1))
        && isSchemeOf(request, page.group(1));
  }

  private static int port(String given, String scheme) {
    return given != null ? Integer.parseInt(given) : scheme.equals("https") ? 443 : 80;
  }

  /**
   * A page cannot set {@code X-Forwarded-Proto} on a request to another origin unasked, so where it
   * stands a proxy has written it. Where nothing says {@code https}, a page of {@code https} passes
   * too, since a proxy may have ended TLS without a word.
   */
  private static boolean isSchemeOf(HttpServletRequest request, String scheme) {
    if (request.isSecure()) {
      return scheme.equals("https");
    }
    List<String> forwarded = Collections.list(request.getHeaders("X-Forwarded-Proto"));
    return forwarded.isEmpty()
        || forwarded.get(0).split(",", 2)[0].strip().equalsIgnoreCase(scheme);
  }
}
