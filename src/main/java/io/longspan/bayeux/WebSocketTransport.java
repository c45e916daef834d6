package io.longspan.bayeux;

import java.text.ParseException;
import java.util.List;
import org.cometd.bayeux.server.BayeuxContext;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.websocket.common.AbstractWebSocketTransport;

/**
 * Bayeux over Jakarta WebSocket. Connections come from the bridge's own servlet, which has
 * authenticated them, so the container needs no endpoint of ours.
 */
public final class WebSocketTransport extends AbstractWebSocketTransport {
  private final RequestIntake intake;

  /** The connection whose message is being parsed, for the duration of that call only. */
  private final ThreadLocal<BayeuxContext> parsing = new ThreadLocal<>();

  WebSocketTransport(BayeuxServerImpl server, RequestIntake intake) {
    super(server);
    this.intake = intake;
  }

  /** Runs the handling of a text message; its parsing, which comes first, binds it to its user. */
  void handle(BayeuxContext caller, Runnable handling) {
    parsing.set(caller);
    try {
      handling.run();
    } finally {
      parsing.remove();
    }
  }

  /** CometD calls this within {@link #handle}, before it looks a session up. */
  @Override
  public List<ServerMessage.Mutable> parseMessages(String json) throws ParseException {
    List<ServerMessage.Mutable> messages = super.parseMessages(json);
    if (!intake.admit(getName(), messages, parsing.get())) {
      throw new ParseException("no Bayeux message", 0);
    }
    return messages;
  }
}
