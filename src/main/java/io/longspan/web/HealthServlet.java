package io.longspan.web;

import io.longspan.bridge.BayeuxJMSBridge;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Tells load balancers whether the process works and whether it can serve clients, and no more. */
public final class HealthServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private transient BayeuxJMSBridge bridge;

  @Override
  public void init() {
    bridge = BridgeRuntime.of(getServletContext()).bridge();
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String path = String.valueOf(request.getPathInfo());
    switch (path) {
      case "/live" -> answer(response, true);
      case "/ready" -> answer(response, bridge.isReady());
      default -> response.sendError(HttpServletResponse.SC_NOT_FOUND);
    }
  }

  private static void answer(HttpServletResponse response, boolean good) throws IOException {
    response.setHeader("Cache-Control", "no-store");
    response.setContentType("text/plain");
    response.setStatus(
        good ? HttpServletResponse.SC_OK : HttpServletResponse.SC_SERVICE_UNAVAILABLE);
    response
        .getOutputStream()
        .write((good ? "up\n" : "down\n").getBytes(StandardCharsets.US_ASCII));
  }
}
