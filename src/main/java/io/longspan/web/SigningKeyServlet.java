package io.longspan.web;

import io.longspan.runtime.BridgeRuntime;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Public key for verifying {@code bridgeSignature}, without authentication; {@code 404} if signing
 * is off.
 */
public final class SigningKeyServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  /** Five minutes, so that services soon see a new key. */
  private static final String CACHING = "public, max-age=300";

  private transient BridgeRuntime runtime;

  @Override
  public void init() {
    runtime = BridgeRuntime.of(getServletContext());
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (runtime.signingKey().isEmpty()) {
      response.sendError(HttpServletResponse.SC_NOT_FOUND);
      return;
    }
    response.setHeader("Cache-Control", CACHING);
    response.setContentType("application/jwk-set+json");
    response
        .getOutputStream()
        .write(runtime.signingKey().get().publicKeySet().getBytes(StandardCharsets.UTF_8));
  }
}
