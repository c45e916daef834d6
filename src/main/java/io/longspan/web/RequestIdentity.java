package io.longspan.web;

import io.longspan.security.Identity;
import io.longspan.security.RolePrincipal;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds who a request comes from: the container's own principal, HTTP Basic credentials that the
 * container's realm accepts, or the HTTP session that {@code POST /login} began. Credentials that
 * are wrong are never made good by a session.
 */
final class RequestIdentity {
  private static final Logger LOG = LoggerFactory.getLogger(RequestIdentity.class);
  private static final String SESSION_ATTRIBUTE = "io.longspan.identity";
  private static final String BASIC = "Basic ";

  private final Supplier<? extends Collection<String>> knownRoles;

  /**
   * Creates a finder.
   *
   * @param knownRoles the roles to ask the container about, where its principals do not tell
   */
  RequestIdentity(Supplier<? extends Collection<String>> knownRoles) {
    this.knownRoles = knownRoles;
  }

  /** Finds the identity; asks the realm, which may take a moment. */
  Optional<Identity> find(HttpServletRequest request) {
    String authorization = request.getHeader("Authorization");
    if (authorization != null && authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return basic(request, authorization.substring(BASIC.length()).trim());
    }
    Principal principal = request.getUserPrincipal();
    if (principal != null) {
      return Optional.of(identity(request, principal));
    }
    return ofSession(request);
  }

  private Optional<Identity> basic(HttpServletRequest request, String credentials) {
    String decoded;
    try {
      decoded = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException x) {
      return Optional.empty();
    }
    int colon = decoded.indexOf(':');
    return colon < 1
        ? Optional.empty()
        : login(request, decoded.substring(0, colon), decoded.substring(colon + 1));
  }

  /**
   * Checks a name and a password against the container's realm. The container is asked to log in
   * before it is asked who there is: Jetty, asked the other way round, logs in by itself and cannot
   * renew an HTTP session then.
   */
  Optional<Identity> login(HttpServletRequest request, String user, String password) {
    try {
      request.login(user, password);
    } catch (ServletException refused) {
      LOG.debug("log-in refused", refused);
      Principal present = request.getUserPrincipal();
      return present != null && present.getName().equals(user)
          ? Optional.of(identity(request, present))
          : Optional.empty();
    }
    return Optional.ofNullable(request.getUserPrincipal()).map(p -> identity(request, p));
  }

  private Identity identity(HttpServletRequest request, Principal principal) {
    if (principal instanceof RolePrincipal known) {
      return new Identity(principal.getName(), known.roles());
    }
    Set<String> roles = new LinkedHashSet<>();
    for (String role : knownRoles.get()) {
      if (request.isUserInRole(role)) {
        roles.add(role);
      }
    }
    if (request.isUserInRole(Identity.SYSADMIN)) {
      roles.add(Identity.SYSADMIN);
    }
    return new Identity(principal.getName(), Collections.unmodifiableSet(roles));
  }

  /** Returns the identity that signed in on this HTTP session. */
  Optional<Identity> ofSession(HttpServletRequest request) {
    HttpSession session = request.getSession(false);
    return session != null && session.getAttribute(SESSION_ATTRIBUTE) instanceof SignedIn signedIn
        ? Optional.of(signedIn.identity())
        : Optional.empty();
  }

  /** Begins a new HTTP session for an identity. */
  void signIn(HttpServletRequest request, Identity identity) {
    request.getSession(true).setAttribute(SESSION_ATTRIBUTE, new SignedIn(identity));
  }

  /** Kept in the HTTP session; a container that persists sessions leaves it out. */
  private record SignedIn(Identity identity) {}
}
