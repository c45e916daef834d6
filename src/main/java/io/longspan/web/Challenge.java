package io.longspan.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Refuses a request without usable credentials. */
final class Challenge {
  private Challenge() {}

  /**
   * Sends {@code 401}. A script in a browser gets no Basic challenge, for the browser would answer
   * it with a dialog of its own; it has to sign in.
   */
  static void send(HttpServletRequest request, HttpServletResponse response) throws IOException {
    String mode = request.getHeader("Sec-Fetch-Mode");
    boolean script = mode != null && !mode.equals("navigate");
    response.setHeader(
        "WWW-Authenticate",
        script ? "Session realm=\"Longspan\"" : "Basic realm=\"Longspan\", charset=\"UTF-8\"");
    response.sendError(HttpServletResponse.SC_UNAUTHORIZED);
  }
}
