package io.longspan.web;

import io.longspan.bayeux.BayeuxIdentity;
import io.longspan.bayeux.BridgeBayeuxServer;
import io.longspan.bayeux.ReplyBody;
import io.longspan.bayeux.WebSocketCaller;
import io.longspan.bayeux.WebSocketEndPoint;
import io.longspan.bayeux.WebSocketOutput;
import io.longspan.identity.Credential;
import io.longspan.runtime.BridgeRuntime;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Extension;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.server.http.jakarta.CometDServlet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Bayeux endpoint. Long polling and WebSocket upgrades have the same URL and pass the same
 * filters.
 */
public final class BayeuxServlet extends CometDServlet {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(BayeuxServlet.class);

  private static final int TOO_MANY_REQUESTS = 429;

  /**
   * Set by the embedded server on requests that open a WebSocket by extended {@code CONNECT} of
   * HTTP/2. Containers do not set it.
   */
  private static final String EXTENDED_CONNECT = "io.longspan.extendedConnect";

  /** Set by the embedded server to a {@link WebSocketOutput}. Containers do not set it. */
  private static final String OUTPUT_ATTRIBUTE = "io.longspan.webSocketOutput";

  /**
   * Context attribute, set by the embedded server: completing a request writes its response on the
   * calling thread, and never blocks. Containers do not set it.
   */
  private static final String UNBLOCKED_COMPLETION = "io.longspan.unblockedCompletion";

  /** Unit of the sizes of response buffers, so that the server's pool has few sizes. */
  private static final int BUFFER_UNIT = 4 << 10;

  private transient BridgeRuntime runtime;
  private transient BridgeBayeuxServer server;
  private transient boolean wholeReplies;

  /**
   * Shared by all upgrades, because its first use searches all JARs for the container's
   * implementation.
   */
  private final transient ServerEndpointConfig.Configurator containerDefaults =
      new ServerEndpointConfig.Configurator();

  @Override
  public void init() throws ServletException {
    runtime = BridgeRuntime.of(getServletContext());
    wholeReplies = getServletContext().getAttribute(UNBLOCKED_COMPLETION) != null;
    super.init();
  }

  @Override
  protected BayeuxServer newBayeuxServer() {
    server =
        new BridgeBayeuxServer(
            runtime.config(),
            runtime.bridge(),
            runtime.tokens(),
            runtime.accessLog(),
            runtime.sockets(),
            runtime.memory(),
            runtime.handshakes());
    if (getServletContext().getAttribute(OUTPUT_ATTRIBUTE) instanceof WebSocketOutput output) {
      server.webSocketTransport().writeTo(output);
    }
    runtime.sweep(server::endDueSessions, server::endAllDueSessions);
    runtime.bridge().operations().endWithUser(server::endConnections);
    return server;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    if (isUpgrade(request)) {
      upgrade(request, response);
    } else if (!"POST".equals(request.getMethod())) {
      response.setHeader("Allow", "POST");
      response.sendError(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
    } else if (!BayeuxMediaType.isThatOf(request)) {
      response.sendError(HttpServletResponse.SC_UNSUPPORTED_MEDIA_TYPE);
    } else {
      if (wholeReplies) {
        ReplyBody body = (bytes, length) -> buffer(response, bytes, length);
        request.setAttribute(ReplyBody.REQUEST_ATTRIBUTE, body);
      }
      super.service(request, response);
    }
  }

  /** Fills the response's buffer. It is larger than the body, so nothing is written here. */
  private static void buffer(HttpServletResponse response, byte[] bytes, int length)
      throws IOException {
    response.setBufferSize((length / BUFFER_UNIT + 1) * BUFFER_UNIT);
    response.getOutputStream().write(bytes, 0, length);
  }

  /** Returns whether a request opens a WebSocket, by HTTP/1.1 or on a stream of HTTP/2. */
  static boolean isUpgrade(HttpServletRequest request) {
    return "GET".equals(request.getMethod())
            && "websocket".equalsIgnoreCase(request.getHeader("Upgrade"))
        || "CONNECT".equals(request.getMethod()) && request.getAttribute(EXTENDED_CONNECT) != null;
  }

  private void upgrade(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    Optional<Credential> credential =
        Optional.ofNullable((Credential) request.getAttribute(BayeuxIdentity.REQUEST_ATTRIBUTE));
    if (!credential.map(c -> runtime.sockets().hasRoomFor(c.identity())).orElse(true)) {
      response.setHeader("Retry-After", "1");
      response.sendError(TOO_MANY_REQUESTS);
      return;
    }
    WebSocketEndPoint endPoint =
        new WebSocketEndPoint(
            server.webSocketTransport(), new WebSocketCaller(request, credential));
    ServerEndpointConfig endpointConfig =
        ServerEndpointConfig.Builder.create(WebSocketEndPoint.class, request.getServletPath())
            .configurator(new SingleEndPoint(endPoint, containerDefaults))
            .build();
    ServerContainer container =
        (ServerContainer) getServletContext().getAttribute(ServerContainer.class.getName());
    UpgradeRequest upgrade = new UpgradeRequest(request);
    try {
      container.upgradeHttpToWebSocket(upgrade, response, endpointConfig, Map.of());
    } catch (DeploymentException x) {
      throw new ServletException(x);
    } finally {
      upgrade.release();
    }
  }

  /**
   * Returns the endpoint of one upgrade; the container's configurator negotiates the subprotocol.
   */
  private static final class SingleEndPoint extends ServerEndpointConfig.Configurator {
    private final WebSocketEndPoint endPoint;
    private final ServerEndpointConfig.Configurator container;

    SingleEndPoint(WebSocketEndPoint endPoint, ServerEndpointConfig.Configurator container) {
      this.endPoint = endPoint;
      this.container = container;
    }

    @Override
    public <T> T getEndpointInstance(Class<T> type) {
      return type.cast(endPoint);
    }

    /** {@link OriginFilter} has already checked the origin. */
    @Override
    public boolean checkOrigin(String origin) {
      return true;
    }

    @Override
    public String getNegotiatedSubprotocol(List<String> supported, List<String> requested) {
      return container.getNegotiatedSubprotocol(supported, requested);
    }

    /** No extensions: compression would hold memory outside the heap for each connection. */
    @Override
    public List<Extension> getNegotiatedExtensions(
        List<Extension> installed, List<Extension> requested) {
      return List.of();
    }
  }

  @Override
  protected void sendError(
      HttpServletRequest request, HttpServletResponse response, int code, Throwable failure) {
    LOG.debug("request failed code={}", code, failure);
    try {
      response.sendError(statusOf(code, failure));
    } catch (IOException | IllegalStateException x) {
      LOG.debug("error not sent, the client has disconnected", x);
    }
  }

  /**
   * CometD reports errors of the client as server failures; only the message distinguishes them.
   */
  private static int statusOf(int code, Throwable failure) {
    String message = failure instanceof IOException ? String.valueOf(failure.getMessage()) : "";
    if (message.startsWith("Max message size")) {
      return HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE;
    }
    if (message.equals(BridgeBayeuxServer.NO_MEMORY)) {
      return TOO_MANY_REQUESTS;
    }
    return message.contains("protocol violation") ? HttpServletResponse.SC_BAD_REQUEST : code;
  }

  @Override
  public void destroy() {
    runtime.drain();
    super.destroy();
  }
}
