package io.longspan.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.security.Identity;
import io.longspan.web.Authentication.Granted;
import io.longspan.web.Authentication.Refused;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs pages in and out: {@code POST /login} with the form fields {@code user} and {@code
 * password} begins an HTTP session, {@code GET /login} tells whose it is (an empty object:
 * nobody's), {@code POST /logout} ends it. A sign-in that is refused changes nothing.
 */
public final class LoginServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(LoginServlet.class);
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final int LONGEST_FORM = 16 << 10;

  private transient RequestIdentity identities;
  private transient SignIns signIns;
  private final transient ObjectMapper json = new ObjectMapper();

  @Override
  public void init() {
    BridgeRuntime runtime = BridgeRuntime.of(getServletContext());
    identities = runtime.identities();
    signIns = runtime.signIns();
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
      signIns.find(request).ifPresent(s -> LOG.info("signed out user={}", s.identity().loggable()));
      signIns.end(request);
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    } else if (!isForm(request)) {
      response.sendError(HttpServletResponse.SC_UNSUPPORTED_MEDIA_TYPE);
    } else if (request.getContentLengthLong() > LONGEST_FORM) {
      response.sendError(HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE);
    } else {
      login(request, response);
    }
  }

  /** A page of another site can send a few other types without asking first. */
  private static boolean isForm(HttpServletRequest request) {
    String type = String.valueOf(request.getContentType()).toLowerCase(Locale.ROOT);
    return type.equals(FORM) || type.startsWith(FORM + ";") || type.startsWith(FORM + " ");
  }

  private void login(HttpServletRequest request, HttpServletResponse response) throws IOException {
    request.setCharacterEncoding("UTF-8");
    String user = request.getParameter("user");
    String password = request.getParameter("password");
    // With a query the fields could come from the URL, which is logged in many places.
    boolean complete =
        user != null && !user.isEmpty() && password != null && request.getQueryString() == null;
    Authentication found = complete ? identities.login(request, user, password) : new Refused();
    if (found instanceof Granted granted) {
      Identity identity = granted.credential().identity();
      signIns.begin(request, identity);
      SessionCookie.tighten(request, response);
      LOG.info("signed in user={}", identity.loggable());
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    } else {
      LOG.info("sign-in refused address={}", request.getRemoteAddr());
      Challenge.send(request, response, found);
    }
  }
}
