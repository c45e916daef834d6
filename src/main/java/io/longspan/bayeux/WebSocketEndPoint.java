package io.longspan.bayeux;

import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.text.ParseException;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.ServerSession;
import org.cometd.server.websocket.common.AbstractWebSocketEndPoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket connection that carries Bayeux. Its user is the one who did the upgrade, or the one
 * of the first token in a message, which has to come soon.
 */
public final class WebSocketEndPoint extends Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(WebSocketEndPoint.class);

  /** How long a connection may have no user, in milliseconds. */
  private static final long ANONYMOUS_MILLIS = 10_000;

  private final WebSocketTransport transport;
  private final WebSocketCaller caller;
  private volatile Connection connection;

  /**
   * Creates the endpoint of a connection that is being upgraded.
   *
   * @param transport the server's transport
   * @param caller the upgrade request, with its identity
   */
  public WebSocketEndPoint(WebSocketTransport transport, WebSocketCaller caller) {
    this.transport = transport;
    this.caller = caller;
  }

  @Override
  public void onOpen(Session session, EndpointConfig config) {
    session.setMaxTextMessageBufferSize(transport.getMaxMessageSize());
    // A client that is silent for longer than this has lost its /meta/connect as well.
    session.setMaxIdleTimeout(transport.getTimeout() + transport.getMaxInterval());
    Connection opened = new Connection(session);
    connection = opened;
    session.addMessageHandler(
        String.class, (MessageHandler.Whole<String>) text -> receive(opened, text));
    session.addMessageHandler(
        ByteBuffer.class,
        (MessageHandler.Whole<ByteBuffer>)
            bytes -> opened.close(CloseCodes.CANNOT_ACCEPT.getCode(), "Bayeux is text"));
    if (caller.credentials().isEmpty()) {
      transport.getBayeuxServer().schedule(() -> endAnonymous(opened), ANONYMOUS_MILLIS);
    }
  }

  private void endAnonymous(Connection opened) {
    if (caller.credentials().isEmpty()) {
      opened.close(CloseCodes.VIOLATED_POLICY.getCode(), "nobody has signed in");
    }
  }

  private void receive(Connection opened, String text) {
    transport.handle(
        caller,
        () ->
            opened.onMessage(
                text,
                new Promise<>() {
                  @Override
                  public void fail(Throwable failure) {
                    LOG.debug("closing a connection", failure);
                    boolean unreadable = failure instanceof ParseException;
                    opened.close(
                        unreadable ? CloseCodes.NOT_CONSISTENT.getCode() : 1011,
                        unreadable ? "not a Bayeux message, or nested too deep" : "failed");
                  }
                }));
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    connection.onClose(reason.getCloseCode().getCode(), reason.getReasonPhrase());
  }

  @Override
  public void onError(Session session, Throwable failure) {
    LOG.debug("connection failed", failure);
    if (connection != null) {
      connection.onError(failure);
    }
  }

  private final class Connection extends AbstractWebSocketEndPoint {
    private final Session session;

    Connection(Session session) {
      super(transport, caller);
      this.session = session;
    }

    @Override
    protected void send(ServerSession receiver, String data, Promise<Void> promise) {
      session
          .getAsyncRemote()
          .sendText(
              data,
              result -> {
                if (result.isOK()) {
                  promise.succeed(null);
                } else {
                  promise.fail(result.getException());
                }
              });
    }

    @Override
    public void close(int code, String reason) {
      try {
        session.close(new CloseReason(CloseCodes.getCloseCode(code), reason));
      } catch (IOException | IllegalStateException x) {
        LOG.debug("closing a connection that is closed", x);
      }
    }
  }
}
