package io.longspan.web;

import io.longspan.bayeux.BayeuxIdentity;
import io.longspan.identity.Credential;
import io.longspan.identity.Identity;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * Decides who may use the operator endpoints. It checks every path and method of their servlet, so
 * an ambiguous path cannot bypass it. It fails closed: a request without the attribute of the
 * authentication filter is anonymous.
 */
final class OperatorAccess {
  /**
   * Required on each change, with any value. A page of another origin needs a preflight request to
   * send it, which is always rejected.
   */
  static final String HEADER = "X-Longspan-Operator";

  /** Reason of a rejection; {@code NOBODY} is answered with a challenge. */
  enum Refusal {
    NOBODY(401, "notAuthenticated", "sign in first"),
    NO_OPERATOR(403, "notAuthorized", "the request needs the role sysadmin"),
    FOREIGN_PAGE(403, "crossSite", "pages of other origins may not use the operator endpoints"),
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

  /** Returns the operator of an accepted request. */
  static Identity operator(HttpServletRequest request) {
    return ((Credential) request.getAttribute(BayeuxIdentity.REQUEST_ATTRIBUTE)).identity();
  }

  /** Returns why a request is rejected; empty if it is accepted. */
  static Optional<Refusal> refusal(HttpServletRequest request) {
    if (!(request.getAttribute(BayeuxIdentity.REQUEST_ATTRIBUTE) instanceof Credential found)) {
      return Optional.of(Refusal.NOBODY);
    }
    if (!found.identity().isSysadmin()) {
      return Optional.of(Refusal.NO_OPERATOR);
    }
    // Allowed origins of the Bayeux endpoint are not allowed here.
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
