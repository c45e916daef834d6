package io.longspan.web;

import io.longspan.security.Credential;
import io.longspan.security.Identity;
import io.longspan.security.PasswordThrottle;
import io.longspan.security.RealmUsers;
import io.longspan.security.RolePrincipal;
import io.longspan.security.TokenVerifier;
import io.longspan.security.UserDirectory.Entry;
import io.longspan.web.Authentication.BadToken;
import io.longspan.web.Authentication.Granted;
import io.longspan.web.Authentication.Nobody;
import io.longspan.web.Authentication.Refused;
import io.longspan.web.Authentication.Throttled;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds who a request comes from: HTTP Basic credentials that the container's realm accepts, a
 * bearer token, the container's own principal, or the HTTP session that {@code POST /login} began.
 * Credentials in a header that are wrong are never made good by anything else.
 *
 * <p>All paths share one, since it counts the wrong passwords. Called on container threads; asks
 * the realm, or waits a bounded time for the keys of a token.
 */
final class RequestIdentity {
  private static final Logger LOG = LoggerFactory.getLogger(RequestIdentity.class);
  private static final String AUTHORIZATION = "Authorization";

  private final Supplier<? extends Collection<String>> knownRoles;
  private final PasswordThrottle throttle;
  private final Optional<TokenVerifier> tokens;
  private final SignIns signIns;
  private final RealmUsers users;
  private final LongAdder throttled = new LongAdder();

  /**
   * Creates a finder.
   *
   * @param knownRoles the roles to ask the container about, where its principals do not tell
   * @param throttle counts wrong passwords
   * @param tokens believes or refuses bearer tokens; empty: none is believed
   * @param signIns the sign-ins of HTTP sessions
   * @param users everybody whom the realm has let in
   */
  RequestIdentity(
      Supplier<? extends Collection<String>> knownRoles,
      PasswordThrottle throttle,
      Optional<TokenVerifier> tokens,
      SignIns signIns,
      RealmUsers users) {
    this.knownRoles = knownRoles;
    this.throttle = throttle;
    this.tokens = tokens;
    this.signIns = signIns;
    this.users = users;
  }

  /** Returns how many passwords were not looked at so far. */
  long throttledPasswords() {
    return throttled.sum();
  }

  /** Finds who a request comes from. */
  Authentication authenticate(HttpServletRequest request) {
    List<String> headers = Collections.list(request.getHeaders(AUTHORIZATION));
    if (headers.size() > 1) {
      return new Refused();
    }
    if (headers.isEmpty()) {
      Principal principal = request.getUserPrincipal();
      return principal != null
          ? granted(identity(request, principal))
          : signIns.find(request).<Authentication>map(Granted::new).orElseGet(Nobody::new);
    }
    String header = headers.get(0).trim();
    int space = header.indexOf(' ');
    String scheme = space < 0 ? header : header.substring(0, space);
    String value = space < 0 ? "" : header.substring(space).trim();
    if (scheme.equalsIgnoreCase("Basic")) {
      return basic(request, value);
    }
    if (scheme.equalsIgnoreCase("Bearer") && tokens.isPresent()) {
      return tokens.get().verify(value).<Authentication>map(Granted::new).orElseGet(BadToken::new);
    }
    // A scheme that the container may know.
    Principal principal = request.getUserPrincipal();
    return principal == null ? new Refused() : granted(identity(request, principal));
  }

  /** Finds the user, or refuses the request and answers it. */
  Optional<Identity> require(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Authentication found = authenticate(request);
    if (found instanceof Granted granted) {
      return Optional.of(granted.credential().identity());
    }
    Challenge.send(request, response, found);
    return Optional.empty();
  }

  private Authentication basic(HttpServletRequest request, String credentials) {
    String decoded;
    try {
      // Letters that are not UTF-8 must not become others: two names would become one.
      decoded =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(Base64.getDecoder().decode(credentials)))
              .toString();
    } catch (IllegalArgumentException | CharacterCodingException x) {
      return new Refused();
    }
    int colon = decoded.indexOf(':');
    return colon < 1
        ? new Refused()
        : login(request, decoded.substring(0, colon), decoded.substring(colon + 1));
  }

  /**
   * Checks a name and a password against the container's realm, unless too many wrong ones came
   * before.
   */
  Authentication login(HttpServletRequest request, String user, String password) {
    String address = request.getRemoteAddr();
    long delay = throttle.delay(user, password, address);
    if (delay > 0) {
      throttled.increment();
      LOG.info("password not looked at, too many were wrong address={}", address);
      return new Throttled(delay);
    }
    Optional<Entry> before = users.find(user);
    Optional<Identity> identity = askRealm(request, user, password);
    if (identity.isEmpty()) {
      throttle.failed(user, password, address);
      return new Refused();
    }
    throttle.succeeded(user, password, address);
    return admit(identity.get(), before);
  }

  /**
   * Asks the container to log in before asking it who there is: Jetty, asked the other way round,
   * logs in by itself and cannot renew an HTTP session then.
   */
  private Optional<Identity> askRealm(HttpServletRequest request, String user, String password) {
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

  /** A user whom the container has authenticated by itself, before the bridge asked. */
  private Authentication granted(Identity identity) {
    return admit(identity, users.find(identity.user()));
  }

  private Authentication admit(Identity identity, Optional<Entry> before) {
    return users
        .admit(identity, before)
        .<Authentication>map(user -> new Granted(new Credential.Password(user)))
        .orElseGet(Refused::new);
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
}
