package io.longspan.web;

import io.longspan.bayeux.BayeuxIdentity;
import io.longspan.security.Credential;
import io.longspan.security.Identity;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * The one place where it is decided who may use the operator endpoints. It stands in front of every
 * path and method of their servlet, so no other reading of a path leads around it, and it fails
 * closed: a request that the authentication filter has not seen comes from nobody.
 */
final class OperatorAccess {
  /**
   * The header that a change must carry, with any value. A page of another origin cannot send it
   * without asking, and is never allowed to.
   */
  static final String HEADER = "X-Longspan-Operator";

  /** Why a request is refused; {@code NOBODY} is answered with a challenge. */
  enum Refusal {
    NOBODY(401, "notAuthenticated", "sign in first"),
    NO_OPERATOR(403, "notAuthorized", "this needs the role sysadmin"),
    FOREIGN_PAGE(403, "crossSite", "pages of other origins may not use this"),
    NO_HEADER(403, "crossSite", "a change needs the header " + HEADER),
    NO_JSON(415, "badRequest", "a change needs the content type application/json");

    final int status;
    final String code;
    final String message;

    Refusal(int status, String code, String message) {
      this.status = status;
      this.code = code;
      this.message = message;
    }
  }

  private OperatorAccess() {}

  /** Returns the operator whom a request that was not refused comes from. */
  static Identity operator(HttpServletRequest request) {
    return ((Credential) request.getAttribute(BayeuxIdentity.REQUEST_ATTRIBUTE)).identity();
  }

  /** Returns why a request is refused; empty if it may pass. */
  static Optional<Refusal> refusal(HttpServletRequest request) {
    if (!(request.getAttribute(BayeuxIdentity.REQUEST_ATTRIBUTE) instanceof Credential found)) {
      return Optional.of(Refusal.NOBODY);
    }
    if (!found.identity().isSysadmin()) {
      return Optional.of(Refusal.NO_OPERATOR);
    }
    // Origins that may use the Bayeux endpoint are foreign here.
    if (!OriginFilter.isFromThisOrigin(request)) {
      return Optional.of(Refusal.FOREIGN_PAGE);
    }
    if (isReading(request)) {
      return Optional.empty();
    }
    if (request.getHeader(HEADER) == null) {
      return Optional.of(Refusal.NO_HEADER);
    }
    return MediaType.isJson(request) ? Optional.empty() : Optional.of(Refusal.NO_JSON);
  }

  static boolean isReading(HttpServletRequest request) {
    return request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
  }
}
