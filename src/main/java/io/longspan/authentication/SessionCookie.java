package io.longspan.authentication;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Restricts the session cookie in every container: no access by scripts or other sites, only this
 * application's path, and {@code Secure} on a secure request.
 *
 * <p>The server or container decides whether a request through a proxy is secure, because it knows
 * its trusted proxies.
 */
public final class SessionCookie {
  private static final Pattern PATH = Pattern.compile("(?i);\\s*Path=[^;]*");

  private SessionCookie() {}

  /** Restricts the session cookies that the response has set so far. */
  public static void tighten(HttpServletRequest request, HttpServletResponse response) {
    String given = request.getServletContext().getSessionCookieConfig().getName();
    String start = (given == null ? "JSESSIONID" : given) + "=";
    List<String> cookies = new ArrayList<>(response.getHeaders("Set-Cookie"));
    if (cookies.stream().noneMatch(cookie -> cookie.startsWith(start))) {
      return;
    }
    for (int i = 0; i < cookies.size(); i++) {
      String cookie = cookies.get(i);
      if (cookie.startsWith(start)) {
        cookie = with(cookie, "HttpOnly", "HttpOnly");
        cookie = with(cookie, "SameSite=", "SameSite=Strict");
        cookie = request.isSecure() ? with(cookie, "Secure", "Secure") : cookie;
        cookie = PATH.matcher(cookie).replaceAll("") + "; Path=" + pathOf(request);
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

  private static String pathOf(HttpServletRequest request) {
    String context = request.getContextPath();
    return context.isEmpty() ? "/" : context;
  }
}
