package io.longspan.web;

import io.longspan.security.Identity;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Shows the metrics as Prometheus text, to operators and to the addresses of the configuration. */
public final class MetricsServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private transient BridgeRuntime runtime;
  private transient RequestIdentity identities;
  private transient AddressList scrapers;

  @Override
  public void init() {
    runtime = BridgeRuntime.of(getServletContext());
    identities = new RequestIdentity(runtime.catalogue()::roles);
    scrapers = new AddressList(runtime.config().security().metricsFrom());
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (!scrapers.contains(request.getRemoteAddr())) {
      var identity = identities.find(request);
      if (identity.isEmpty()) {
        Challenge.send(request, response);
        return;
      }
      if (identity.filter(Identity::isSysadmin).isEmpty()) {
        response.sendError(HttpServletResponse.SC_FORBIDDEN);
        return;
      }
    }
    response.setContentType("text/plain; version=0.0.4; charset=utf-8");
    response.getOutputStream().write(runtime.meters().scrape().getBytes(StandardCharsets.UTF_8));
  }
}
