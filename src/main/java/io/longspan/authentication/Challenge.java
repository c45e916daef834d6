package io.longspan.authentication;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Rejects requests without valid credentials. */
public final class Challenge {
  private static final int TOO_MANY_REQUESTS = 429;

  private Challenge() {}

  /**
   * Sends {@code 401}, or {@code 429} after too many wrong passwords. A script in a browser gets no
   * Basic challenge, because the browser would show its own password dialog.
   *
   * @param why any result but {@code Granted}
   */
  public static void send(
      HttpServletRequest request, HttpServletResponse response, Authentication why)
      throws IOException {
    if (why instanceof Authentication.Throttled throttled) {
      long seconds = Math.max(1, (throttled.delayMillis() + 999) / 1000);
      response.setHeader("Retry-After", Long.toString(seconds));
      response.sendError(TOO_MANY_REQUESTS);
      return;
    }
    String mode = request.getHeader("Sec-Fetch-Mode");
    boolean script = mode != null && !mode.equals("navigate");
    response.setHeader(
        "WWW-Authenticate",
        why instanceof Authentication.BadToken
            ? "Bearer error=\"invalid_token\""
            : script
                ? "Session realm=\"Longspan\""
                : "Basic realm=\"Longspan\", charset=\"UTF-8\"");
    response.sendError(HttpServletResponse.SC_UNAUTHORIZED);
  }
}
