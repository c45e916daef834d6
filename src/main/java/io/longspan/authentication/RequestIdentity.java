package io.longspan.authentication;

import io.longspan.audit.AuditEvent;
import io.longspan.audit.AuditLog;
import io.longspan.authentication.Authentication.Anonymous;
import io.longspan.authentication.Authentication.BadToken;
import io.longspan.authentication.Authentication.Granted;
import io.longspan.authentication.Authentication.InvalidCredentials;
import io.longspan.authentication.Authentication.Throttled;
import io.longspan.identity.Credential;
import io.longspan.identity.Identity;
import io.longspan.identity.PasswordThrottle;
import io.longspan.identity.RealmUsers;
import io.longspan.identity.RolePrincipal;
import io.longspan.identity.TokenVerifier;
import io.longspan.identity.UserDirectory.Entry;
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
 * Authenticates requests. Credentials are an HTTP Basic header that the container's realm accepts,
 * a bearer token, the container's own principal, or the HTTP session of {@code POST /login}. Wrong
 * credentials in a header are never replaced by the others.
 *
 * <p>All paths share one instance, because it counts wrong passwords. Called on container threads.
 * May block in the realm, and for a bounded time while token keys are being fetched.
 */
public final class RequestIdentity {
  private static final Logger LOG = LoggerFactory.getLogger(RequestIdentity.class);
  private static final String AUTHORIZATION = "Authorization";

  private final AuditLog audit;
  private final Supplier<? extends Collection<String>> knownRoles;
  private final PasswordThrottle throttle;
  private final Optional<TokenVerifier> tokens;
  private final SignIns signIns;
  private final RealmUsers users;
  private final LongAdder throttled = new LongAdder();

  /**
   * Creates an instance.
   *
   * @param knownRoles roles to ask the container about, if its principals do not list their roles
   * @param throttle counts wrong passwords
   * @param tokens validates bearer tokens; empty: none is accepted
   * @param signIns sign-ins of HTTP sessions
   * @param users authenticated users of the realm
   * @param audit gets refused passwords
   */
  public RequestIdentity(
      Supplier<? extends Collection<String>> knownRoles,
      PasswordThrottle throttle,
      Optional<TokenVerifier> tokens,
      SignIns signIns,
      RealmUsers users,
      AuditLog audit) {
    this.audit = audit;
    this.knownRoles = knownRoles;
    this.throttle = throttle;
    this.tokens = tokens;
    this.signIns = signIns;
    this.users = users;
  }

  /** Returns how many passwords were not checked because of the throttle. */
  public long throttledPasswords() {
    return throttled.sum();
  }

  /** Authenticates a request. */
  public Authentication authenticate(HttpServletRequest request) {
    List<String> headers = Collections.list(request.getHeaders(AUTHORIZATION));
    if (headers.size() > 1) {
      return new InvalidCredentials();
    }
    if (headers.isEmpty()) {
      Principal principal = request.getUserPrincipal();
      return principal != null
          ? granted(identity(request, principal))
          : signIns.find(request).<Authentication>map(Granted::new).orElseGet(Anonymous::new);
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
    // The container may know the scheme.
    Principal principal = request.getUserPrincipal();
    return principal == null ? new InvalidCredentials() : granted(identity(request, principal));
  }

  /** Authenticates a request. Sends the challenge if it fails; the caller must then not answer. */
  public Optional<Identity> require(HttpServletRequest request, HttpServletResponse response)
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
      // Invalid UTF-8 must not be replaced: two names would become one.
      decoded =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(Base64.getDecoder().decode(credentials)))
              .toString();
    } catch (IllegalArgumentException | CharacterCodingException x) {
      return new InvalidCredentials();
    }
    int colon = decoded.indexOf(':');
    return colon < 1
        ? new InvalidCredentials()
        : login(request, decoded.substring(0, colon), decoded.substring(colon + 1));
  }

  /** Checks a name and a password against the container's realm, unless the throttle rejects it. */
  public Authentication login(HttpServletRequest request, String user, String password) {
    String address = request.getRemoteAddr();
    long delay = throttle.delay(user, password, address);
    if (delay > 0) {
      throttled.increment();
      audit.record(AuditEvent.signInRefused(user, address, "throttled"));
      LOG.info("password not checked because of too many wrong passwords address={}", address);
      return new Throttled(delay);
    }
    Optional<Entry> before = users.find(user);
    Optional<Identity> identity = askRealm(request, user, password);
    if (identity.isEmpty()) {
      throttle.failed(user, password, address);
      audit.record(AuditEvent.signInRefused(user, address, "password"));
      return new InvalidCredentials();
    }
    throttle.succeeded(user, password, address);
    return admit(identity.get(), before);
  }

  /**
   * Calls {@code login} before {@code getUserPrincipal}. In the other order Jetty logs in by
   * itself, and then cannot renew the HTTP session.
   */
  private Optional<Identity> askRealm(HttpServletRequest request, String user, String password) {
    try {
      request.login(user, password);
    } catch (ServletException refused) {
      LOG.debug("the container's realm rejected the password", refused);
      Principal present = request.getUserPrincipal();
      return present != null && present.getName().equals(user)
          ? Optional.of(identity(request, present))
          : Optional.empty();
    }
    return Optional.ofNullable(request.getUserPrincipal()).map(p -> identity(request, p));
  }

  /** Registers a user whom the container has authenticated by itself. */
  private Authentication granted(Identity identity) {
    return admit(identity, users.find(identity.user()));
  }

  private Authentication admit(Identity identity, Optional<Entry> before) {
    return users
        .admit(identity, before)
        .<Authentication>map(user -> new Granted(new Credential.Password(user)))
        .orElseGet(InvalidCredentials::new);
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
