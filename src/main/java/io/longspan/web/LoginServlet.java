package io.longspan.web;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.longspan.security.Identity;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs pages in and out: {@code POST /login} with the form fields {@code user} and {@code
 * password} begins an HTTP session, {@code GET /login} tells whose it is (an empty object:
 * nobody's), {@code POST /logout} ends it.
 */
public final class LoginServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(LoginServlet.class);

  private transient RequestIdentity identities;
  private final transient ObjectMapper json = new ObjectMapper();

  @Override
  public void init() {
    identities = new RequestIdentity(BridgeRuntime.of(getServletContext()).catalogue()::roles);
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Cache-Control", "no-store");
    Map<String, Object> fields = new LinkedHashMap<>();
    identities
        .ofSession(request)
        .ifPresent(
            identity -> {
              fields.put("user", identity.user());
              fields.put("roles", identity.roles());
            });
    response.setContentType("application/json");
    response.getOutputStream().write(json.writeValueAsBytes(fields));
  }

  @Override
  protected void doPost(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Cache-Control", "no-store");
    HttpSession old = request.getSession(false);
    if (old != null) {
      old.invalidate();
    }
    if (request.getServletPath().equals("/logout")) {
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
      return;
    }
    request.setCharacterEncoding("UTF-8");
    String user = request.getParameter("user");
    String password = request.getParameter("password");
    Optional<Identity> identity =
        user == null || user.isEmpty() || password == null || request.getQueryString() != null
            ? Optional.empty()
            : identities.login(request, user, password);
    if (identity.isPresent()) {
      identities.signIn(request, identity.get());
      LOG.info("signed in user={}", identity.get().loggable());
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    } else {
      LOG.info("sign-in refused address={}", request.getRemoteAddr());
      Challenge.send(request, response);
    }
  }
}
