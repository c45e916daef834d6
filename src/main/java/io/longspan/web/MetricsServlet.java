package io.longspan.web;

import io.longspan.authentication.RequestIdentity;
import io.longspan.identity.Identity;
import io.longspan.runtime.BridgeRuntime;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Prometheus metrics, for operators and for the addresses in {@code security.metricsFrom}. */
public final class MetricsServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private transient BridgeRuntime runtime;
  private transient RequestIdentity identities;
  private transient AddressList scrapers;

  @Override
  public void init() {
    runtime = BridgeRuntime.of(getServletContext());
    identities = runtime.identities();
    scrapers = new AddressList(runtime.config().security().metricsFrom());
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (!scrapers.contains(request.getRemoteAddr())) {
      var identity = identities.require(request, response);
      if (identity.isEmpty()) {
        return;
      }
      if (identity.filter(Identity::isSysadmin).isEmpty()) {
        response.sendError(HttpServletResponse.SC_FORBIDDEN);
        return;
      }
    }
    String type = runtime.meters().contentType(request.getHeader("Accept"));
    response.setContentType(type);
    response
        .getOutputStream()
        .write(runtime.meters().scrape(type).getBytes(StandardCharsets.UTF_8));
  }
}
