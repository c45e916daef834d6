package io.longspan.server;

import io.longspan.config.LongspanConfig;
import io.longspan.local.LocalService;
import jakarta.servlet.SessionTrackingMode;
import java.nio.file.Path;
import java.util.Set;
import org.eclipse.jetty.ee11.servlet.DefaultServlet;
import org.eclipse.jetty.ee11.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.ee11.servlet.SessionHandler;
import org.eclipse.jetty.ee11.servlet.security.ConstraintSecurityHandler;
import org.eclipse.jetty.ee11.webapp.Configuration;
import org.eclipse.jetty.ee11.webapp.WebAppContext;
import org.eclipse.jetty.ee11.webapp.WebInfConfiguration;
import org.eclipse.jetty.ee11.webapp.WebXmlConfiguration;
import org.eclipse.jetty.ee11.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.http.HttpCookie.SameSite;
import org.eclipse.jetty.security.LoginService;

/**
 * The web application of the unpacked WAR, as {@code web.xml} describes it.
 *
 * <p>The server's class loader loads its classes. With a separate loader, the bridge could not
 * reach the embedded broker in memory, and both would have different configuration classes.
 */
final class WebApplication extends WebAppContext {

  /** Context attribute of the {@link LongspanConfig}. */
  static final String CONFIG_ATTRIBUTE = "io.longspan.config";

  /** Context attribute of the realm, a {@code UserDirectory}. */
  static final String USERS_ATTRIBUTE = "io.longspan.users";

  /**
   * Context attribute of a {@link Runnable} of the application. It runs before anything stops,
   * while requests are still served.
   */
  static final String DRAIN_ATTRIBUTE = "io.longspan.drain";

  /** Context attribute of a {@code LongSupplier}: how many connections the server has rejected. */
  static final String REFUSED_CONNECTIONS_ATTRIBUTE = "io.longspan.refusedConnections";

  /**
   * Context attribute of a {@code LongSupplier}: how many connections without a user were closed
   * for newer ones.
   */
  static final String DISPLACED_CONNECTIONS_ATTRIBUTE = "io.longspan.displacedConnections";

  /** Context attribute of a {@code LongSupplier}: when the certificate expires, in Unix seconds. */
  static final String CERTIFICATE_EXPIRY_ATTRIBUTE = "io.longspan.certificateExpiry";

  /** Context attribute of a {@code LongSupplier}: how often a new certificate was not usable. */
  static final String CERTIFICATE_FAILURES_ATTRIBUTE = "io.longspan.certificateFailures";

  /**
   * Context attribute: {@code AsyncContext.complete} writes the buffered response on the calling
   * thread, and never blocks.
   */
  private static final String UNBLOCKED_COMPLETION_ATTRIBUTE = "io.longspan.unblockedCompletion";

  /** Context attributes that begin like this are local services; the name follows. */
  private static final String LOCAL_SERVICE_ATTRIBUTE = "io.longspan.local.";

  /** Context attribute of a {@code WebSocketOutput}. */
  static final String OUTPUT_ATTRIBUTE = "io.longspan.webSocketOutput";

  static final String REALM = "Longspan";

  WebApplication(Path war, LongspanConfig config, UserAccounts users, ClassLoader classes) {
    setContextPath(config.http().contextPath());
    setBaseResourceAsPath(war);
    setTempDirectory(war.resolve("WEB-INF").resolve("work").toFile());
    setClassLoader(classes);
    setConfigurations(new Configuration[] {new WebInfConfiguration(), new WebXmlConfiguration()});
    setDefaultsDescriptor(null);
    setThrowUnavailableOnStartupException(true);
    setAttribute(CONFIG_ATTRIBUTE, config);
    setAttribute(USERS_ATTRIBUTE, users);
    setAttribute(OUTPUT_ATTRIBUTE, new FrameOutput());
    setAttribute(UNBLOCKED_COMPLETION_ATTRIBUTE, true);
    setSecurityHandler(security(new UserLogin(REALM, users)));
    setSessionHandler(sessions());
    setErrorHandler(errors());
    addServlet(files(), "/");
    setWelcomeFiles(new String[] {"index.html"});
    JakartaWebSocketServletContainerInitializer.configure(this, null);
  }

  /** Returns the application's task to run before it stops; it does nothing by default. */
  Runnable drain() {
    return getServletContext().getAttribute(DRAIN_ATTRIBUTE) instanceof Runnable drain
        ? drain
        : () -> {};
  }

  /** Registers a service that clients may call inside this process. */
  void register(LocalService service) {
    setAttribute(LOCAL_SERVICE_ATTRIBUTE + service.name(), service);
  }

  @Override
  protected ClassLoader configureClassLoader(ClassLoader loader) {
    return loader; // no further loader around it
  }

  private static ConstraintSecurityHandler security(LoginService logins) {
    ConstraintSecurityHandler security = new ConstraintSecurityHandler();
    security.setRealmName(REALM);
    security.setLoginService(logins);
    security.setAuthenticator(new BasicLogin());
    // Only the application's own sign-in changes the id of HTTP sessions.
    security.setSessionRenewedOnAuthentication(false);
    return security;
  }

  private static SessionHandler sessions() {
    SessionHandler sessions = new SessionHandler();
    sessions.setHttpOnly(true);
    sessions.setSameSite(SameSite.STRICT);
    sessions.setSecureRequestOnly(true);
    sessions.setSessionTrackingModes(Set.of(SessionTrackingMode.COOKIE));
    return sessions;
  }

  private static ErrorPageErrorHandler errors() {
    ErrorPageErrorHandler errors = new ErrorPageErrorHandler();
    errors.setShowStacks(false);
    errors.setShowCauses(false);
    errors.setShowOrigin(false);
    return errors;
  }

  private static ServletHolder files() {
    ServletHolder files = new ServletHolder("default", DefaultServlet.class);
    files.setInitParameter("dirAllowed", "false");
    files.setInitParameter("etags", "true");
    files.setInitParameter("precompressed", "gzip=" + CompressedFiles.SUFFIX);
    files.setInitParameter("cacheControl", "no-cache");
    return files;
  }
}
