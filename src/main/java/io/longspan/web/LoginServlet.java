package io.longspan.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.audit.AuditEvent;
import io.longspan.audit.AuditLog;
import io.longspan.authentication.Authentication;
import io.longspan.authentication.Authentication.Granted;
import io.longspan.authentication.Authentication.InvalidCredentials;
import io.longspan.authentication.Challenge;
import io.longspan.authentication.RequestIdentity;
import io.longspan.authentication.SessionCookie;
import io.longspan.authentication.SignIns;
import io.longspan.budget.Account;
import io.longspan.budget.MemoryBudget;
import io.longspan.identity.Credential;
import io.longspan.identity.Identity;
import io.longspan.identity.PasswordThrottle;
import io.longspan.runtime.BridgeRuntime;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sign-in and sign-out of pages. {@code POST /login} with the form fields {@code user} and {@code
 * password} starts an HTTP session. {@code GET /login} returns its user, or an empty object. {@code
 * POST /logout} ends it.
 *
 * <p>A form is an unauthenticated request: its length must be known and small, and it must be
 * complete within a deadline. A sign-in that is refused leaves an existing one unchanged: wrong
 * credentials, or no memory left in the user's account ({@code 503}).
 */
public final class LoginServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(LoginServlet.class);
  private static final int MAX_FORM_BYTES = 8 << 10;

  /** Deadline for a form, from its header to its last byte. */
  private static final Duration FORM_DEADLINE = Duration.ofSeconds(10);

  private transient RequestIdentity identities;
  private transient SignIns signIns;
  private transient AuditLog audit;
  private transient MemoryBudget memory;
  private final transient ObjectMapper json = new ObjectMapper();

  @Override
  public void init() {
    BridgeRuntime runtime = BridgeRuntime.of(getServletContext());
    identities = runtime.identities();
    signIns = runtime.signIns();
    audit = runtime.audit();
    memory = runtime.memory();
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Cache-Control", "no-store");
    Map<String, Object> fields = new LinkedHashMap<>();
    signIns
        .find(request)
        .ifPresent(
            signIn -> {
              fields.put("user", signIn.identity().user());
              fields.put("roles", signIn.identity().roles());
            });
    response.setContentType("application/json");
    response.getOutputStream().write(json.writeValueAsBytes(fields));
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Cache-Control", "no-store");
    if (request.getServletPath().equals("/logout")) {
      signIns.find(request).ifPresent(signIn -> signedOut(request, signIn.identity()));
      signIns.end(request);
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
      return;
    }
    Optional<BodyReader.Outcome> outcome = BodyReader.outcome(request);
    if (outcome.isPresent()) {
      login(request, response, outcome.get());
    } else {
      int refusal = read(request, response);
      if (refusal != 0) {
        response.sendError(refusal);
      }
    }
  }

  private void signedOut(HttpServletRequest request, Identity identity) {
    audit.record(AuditEvent.signedOut(identity.user(), request.getRemoteAddr()));
    LOG.info("signed out user={}", identity.loggable());
  }

  /** Starts to read the form. Returns 0, or the status of the rejection. */
  private int read(HttpServletRequest request, HttpServletResponse response) throws IOException {
    // A page of another site can send some other types without a preflight request.
    if (!MediaType.isForm(request)) {
      return HttpServletResponse.SC_UNSUPPORTED_MEDIA_TYPE;
    }
    long length = request.getContentLengthLong();
    if (length < 0) {
      return HttpServletResponse.SC_LENGTH_REQUIRED;
    }
    if (length > MAX_FORM_BYTES) {
      return HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE;
    }
    Account account = memory.stranger(PasswordThrottle.network(request.getRemoteAddr()));
    return BodyReader.begin(request, response, account, (int) length, FORM_DEADLINE)
        ? 0
        : HttpServletResponse.SC_SERVICE_UNAVAILABLE;
  }

  private void login(
      HttpServletRequest request, HttpServletResponse response, BodyReader.Outcome outcome)
      throws IOException {
    if (outcome instanceof BodyReader.Outcome.Read read) {
      login(request, response, read.body());
    } else {
      boolean slow = outcome instanceof BodyReader.Outcome.TooSlow;
      LOG.info("sign-in aborted address={} slow={}", request.getRemoteAddr(), slow);
      response.setHeader("Connection", "close");
      response.sendError(
          slow ? HttpServletResponse.SC_REQUEST_TIMEOUT : HttpServletResponse.SC_BAD_REQUEST);
    }
  }

  private void login(HttpServletRequest request, HttpServletResponse response, byte[] body)
      throws IOException {
    // A request with a query is rejected: the query may contain the password, and is logged.
    Optional<LoginForm> form =
        request.getQueryString() == null ? LoginForm.read(body) : Optional.empty();
    Authentication found =
        form.map(f -> identities.login(request, f.user(), f.password()))
            .orElseGet(InvalidCredentials::new);
    if (!(found instanceof Granted granted)) {
      LOG.info("sign-in rejected address={}", request.getRemoteAddr());
      Challenge.send(request, response, found);
    } else if (granted.credential() instanceof Credential.Password password
        && signIns.begin(request, password.user())) {
      SessionCookie.tighten(request, response);
      audit.record(AuditEvent.signedIn(password.identity().user(), request.getRemoteAddr()));
      LOG.info("signed in user={}", password.identity().loggable());
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    } else {
      LOG.warn(
          "sign-in rejected, no memory for it user={}", granted.credential().identity().loggable());
      response.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
    }
  }
}
