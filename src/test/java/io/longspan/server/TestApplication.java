package io.longspan.server;

import io.longspan.config.ConfigException;
import io.longspan.config.LongspanConfig;
import io.longspan.identity.RolePrincipal;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.OnError;
import jakarta.websocket.OnMessage;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What the web application of the tests consists of. */
public final class TestApplication {

  private static final String HELD = "held";

  private TestApplication() {}

  /** Registers a WebSocket endpoint, and answers held requests before the application stops. */
  public static final class Listener implements ServletContextListener {

    @Override
    public void contextInitialized(ServletContextEvent event) {
      ServletContext context = event.getServletContext();
      LongspanConfig config = (LongspanConfig) context.getAttribute("io.longspan.config");
      if (config.bridge().id().equals("refused")) {
        throw new ConfigException("catalogue: refused by the application");
      }
      Queue<AsyncContext> held = new ConcurrentLinkedQueue<>();
      context.setAttribute(HELD, held);
      context.setAttribute("io.longspan.drain", (Runnable) () -> held.forEach(Listener::answer));
      ServerContainer webSockets =
          (ServerContainer) context.getAttribute(ServerContainer.class.getName());
      try {
        webSockets.addEndpoint(Echo.class);
      } catch (DeploymentException failure) {
        throw new IllegalStateException(failure);
      }
    }

    private static void answer(AsyncContext held) {
      try {
        held.getResponse().getOutputStream().print("draining");
        held.complete();
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }

  /** Tells who asks; what is done first, the parameter {@code first} says. */
  public static final class Who extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws ServletException, IOException {
      String first = request.getParameter("first");
      if ("authenticate".equals(first) && !request.authenticate(response)) {
        return;
      }
      if ("login".equals(first)) {
        request.login("alice", "alice");
        request.getSession(true);
      }
      response.setContentType("text/plain");
      response.setCharacterEncoding(StandardCharsets.UTF_8);
      response.getWriter().print(described(request));
    }

    private static String described(HttpServletRequest request) {
      return request.getUserPrincipal() instanceof RolePrincipal user
          ? "%s %s %s".formatted(user.getName(), user.roles(), request.isUserInRole("editor"))
          : "nobody from " + request.getRemoteAddr();
    }
  }

  /** Holds a request until the application drains; with {@code count} tells how many it holds. */
  public static final class Held extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    @SuppressWarnings("unchecked")
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      Queue<AsyncContext> held = (Queue<AsyncContext>) getServletContext().getAttribute(HELD);
      if (request.getParameter("count") != null) {
        response.getOutputStream().print(held.size());
        return;
      }
      AsyncContext context = request.startAsync();
      context.setTimeout(0);
      held.add(context); // last: from now on another thread may answer
    }
  }

  /** Sends back what it gets. */
  @ServerEndpoint("/echo")
  public static final class Echo {

    @OnError
    public void clientVanished(Throwable expected) {}

    @OnMessage
    public String echo(String message) {
      return message;
    }
  }
}
