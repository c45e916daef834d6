package io.longspan.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Sees to it that the cookie of an HTTP session is out of reach of scripts and other sites in every
 * container, and that it travels over TLS only where the browser came by TLS.
 *
 * <p>That a proxy has ended the TLS is believed of any request that says so: whoever lies about it
 * gets a cookie that is sent less.
 */
final class SessionCookie {
  private SessionCookie() {}

  /** Tightens the session cookies that a response sets so far. */
  static void tighten(HttpServletRequest request, HttpServletResponse response) {
    String given = request.getServletContext().getSessionCookieConfig().getName();
    String start = (given == null ? "JSESSIONID" : given) + "=";
    List<String> cookies = new ArrayList<>(response.getHeaders("Set-Cookie"));
    if (cookies.stream().noneMatch(cookie -> cookie.startsWith(start))) {
      return;
    }
    boolean secure = cameByTls(request);
    for (int i = 0; i < cookies.size(); i++) {
      String cookie = cookies.get(i);
      if (cookie.startsWith(start)) {
        cookie = with(cookie, "HttpOnly", "HttpOnly");
        cookie = with(cookie, "SameSite=", "SameSite=Strict");
        cookie = secure ? with(cookie, "Secure", "Secure") : cookie;
      }
      if (i == 0) {
        response.setHeader("Set-Cookie", cookie);
      } else {
        response.addHeader("Set-Cookie", cookie);
      }
    }
  }

  private static String with(String cookie, String attribute, String written) {
    String lower = cookie.toLowerCase(Locale.ROOT);
    return lower.matches("(?s).*;\\s*" + attribute.toLowerCase(Locale.ROOT) + ".*")
        ? cookie
        : cookie + "; " + written;
  }

  private static boolean cameByTls(HttpServletRequest request) {
    String proto = request.getHeader("X-Forwarded-Proto");
    String forwarded = request.getHeader("Forwarded");
    return request.isSecure()
        || (proto != null && proto.strip().toLowerCase(Locale.ROOT).startsWith("https"))
        || (forwarded != null
            && forwarded.toLowerCase(Locale.ROOT).matches("(?s)[^,]*proto=\"?https.*"));
  }
}
