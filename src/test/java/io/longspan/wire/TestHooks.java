package io.longspan.wire;

import io.longspan.identity.RolePrincipal;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextAttributeEvent;
import jakarta.servlet.ServletContextAttributeListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;
import java.io.IOException;
import java.security.Principal;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;

/**
 * What {@link TestBridge} adds to the {@code web.xml} of its bridges: it sees which polls the
 * server holds, lets HTTP sessions end early, and changes what the container's realm answers.
 */
public final class TestHooks extends HttpFilter
    implements ServletContextAttributeListener, HttpSessionListener {
  private static final long serialVersionUID = 1L;
  private static final String SECONDS = "test.httpSessionSeconds";

  /** Client ids; those of one bridge are none of another. */
  private static final Set<String> HELD = ConcurrentHashMap.newKeySet();

  /** Roles by user, in place of the realm's. */
  private static final Map<String, Set<String>> ROLES = new ConcurrentHashMap<>();

  private static volatile ServletContext lastContext;

  /** Returns the context of the bridge that was started last. */
  static ServletContext lastContext() {
    return lastContext;
  }

  /** Adds itself to a {@code web.xml}, before everything that it has. */
  static String addTo(String webXml, String httpSessionSeconds) {
    String name = TestHooks.class.getName();
    String first = "<listener>";
    return webXml.replaceFirst(
        first,
        """
        <context-param><param-name>%1$s</param-name><param-value>%2$s</param-value></context-param>
        <listener><listener-class>%3$s</listener-class></listener>
        <filter>
          <filter-name>testHooks</filter-name>
          <filter-class>%3$s</filter-class>
          <async-supported>true</async-supported>
        </filter>
        <filter-mapping>
          <filter-name>testHooks</filter-name>
          <url-pattern>/*</url-pattern>
        </filter-mapping>
        <listener>"""
            .formatted(SECONDS, httpSessionSeconds, name));
  }

  /** Waits until the server holds a client's {@code /meta/connect}. */
  static void awaitHeldPoll(RawBayeuxClient client) {
    Awaitility.await().until(() -> HELD.contains(client.clientId()));
  }

  static void setRoles(String user, String... roles) {
    ROLES.put(user, Set.of(roles));
  }

  static void restoreRoles(String user) {
    ROLES.remove(user);
  }

  @Override
  public void attributeAdded(ServletContextAttributeEvent event) {
    lastContext = event.getServletContext();
    if (event.getValue() instanceof BayeuxServer server) {
      server.addListener(
          new BayeuxServer.SessionListener() {
            @Override
            public void sessionAdded(ServerSession session, ServerMessage message) {
              session.addListener(new HeldPoll());
            }
          });
    }
  }

  private static final class HeldPoll implements ServerSession.HeartBeatListener {
    @Override
    public void onSuspended(ServerSession session, ServerMessage message, long timeout) {
      HELD.add(session.getId());
    }

    @Override
    public void onResumed(ServerSession session, ServerMessage message, boolean timeout) {
      HELD.remove(session.getId());
    }
  }

  @Override
  public void sessionCreated(HttpSessionEvent event) {
    int seconds =
        Integer.parseInt(event.getSession().getServletContext().getInitParameter(SECONDS));
    if (seconds > 0) {
      event.getSession().setMaxInactiveInterval(seconds);
    }
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    chain.doFilter(new Realm(request), response);
  }

  private static final class Realm extends HttpServletRequestWrapper {
    Realm(HttpServletRequest request) {
      super(request);
    }

    @Override
    public Principal getUserPrincipal() {
      Principal principal = super.getUserPrincipal();
      Set<String> roles = principal == null ? null : ROLES.get(principal.getName());
      return roles == null ? principal : new Member(principal.getName(), roles);
    }
  }

  private record Member(String name, Set<String> roles) implements RolePrincipal {
    @Override
    public String getName() {
      return name;
    }
  }
}
