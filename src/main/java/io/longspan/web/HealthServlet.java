package io.longspan.web;

import io.longspan.bridge.BayeuxJMSBridge;
import io.longspan.bridge.BrokerStatus;
import io.longspan.runtime.BridgeRuntime;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Health checks for load balancers: {@code /live} and {@code /ready}. A bridge that is not ready
 * answers {@code 503} with the reason. A ready one may add a warning for operators.
 */
public final class HealthServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private transient BridgeRuntime runtime;
  private transient BayeuxJMSBridge bridge;

  @Override
  public void init() {
    runtime = BridgeRuntime.of(getServletContext());
    bridge = runtime.bridge();
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String path = String.valueOf(request.getPathInfo());
    switch (path) {
      case "/live" -> answer(response, Optional.empty(), "");
      case "/ready" -> answer(response, runtime.whyNotReady(), warning());
      default -> response.sendError(HttpServletResponse.SC_NOT_FOUND);
    }
  }

  /** The bridge serves clients despite the offset, but some of their requests expire. */
  private String warning() {
    return bridge.brokers().stream().map(HealthServlet::warning).collect(Collectors.joining());
  }

  private static String warning(BrokerStatus broker) {
    long offset = broker.clockOffsetSeconds();
    return offset == 0
        ? ""
        : "warning: the %sbroker's clock is %d s %s the bridge's\n"
            .formatted(
                broker.isDefault() ? "" : broker.name() + " ",
                Math.abs(offset),
                offset > 0 ? "ahead of" : "behind");
  }

  private static void answer(HttpServletResponse response, Optional<String> why, String warning)
      throws IOException {
    response.setHeader("Cache-Control", "no-store");
    response.setContentType("text/plain");
    response.setStatus(
        why.isEmpty() ? HttpServletResponse.SC_OK : HttpServletResponse.SC_SERVICE_UNAVAILABLE);
    String text = why.map("down: %s\n"::formatted).orElse("up\n") + warning;
    response.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }
}
