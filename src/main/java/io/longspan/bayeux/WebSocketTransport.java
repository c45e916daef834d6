package io.longspan.bayeux;

import io.longspan.bridge.Ticker;
import io.longspan.config.LongspanConfig.Limits;
import java.text.ParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.cometd.bayeux.Channel;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.websocket.common.AbstractWebSocketTransport;

/**
 * Bayeux over Jakarta WebSocket. Connections come from the bridge's own servlet, which has
 * authenticated them, so the container needs no endpoint of ours.
 */
public final class WebSocketTransport extends AbstractWebSocketTransport {
  /** Close codes of WebSocket (RFC 6455, section 7.4.1). */
  private static final int NOT_CONSISTENT = 1007;

  private static final int TOO_BIG = 1009;

  private final RequestIntake intake;

  /** The connection whose message is being parsed, for the duration of that call only. */
  private final ThreadLocal<WebSocketCaller> parsing = new ThreadLocal<>();

  private final OpenSockets sockets;
  private final Ticker ticker;
  private final Set<WebSocketEndPoint> open = ConcurrentHashMap.newKeySet();
  private final int maxUnanswered;
  private final long maxUnhandled;

  WebSocketTransport(
      BayeuxServerImpl server,
      RequestIntake intake,
      OpenSockets sockets,
      Ticker ticker,
      Limits limits) {
    super(server);
    this.intake = intake;
    this.sockets = sockets;
    this.ticker = ticker;
    this.maxUnanswered = TransportLimits.unanswered(limits);
    this.maxUnhandled = TransportLimits.unhandled(limits);
  }

  /** Counts a connection that was opened; empty: its user has too many. */
  Optional<OpenSocket> admit(WebSocketCaller caller, OpenSocket.Closer closer) {
    Optional<OpenSocket> opened =
        sockets.open(caller.user(), caller.remoteHost(), closer, ticker.millis());
    opened.ifPresent(caller::opened);
    return opened;
  }

  /** Returns the time in milliseconds. */
  long now() {
    return ticker.millis();
  }

  void opened(WebSocketEndPoint endPoint) {
    open.add(endPoint);
  }

  void closed(WebSocketEndPoint endPoint) {
    open.remove(endPoint);
  }

  /** Takes a user's connections away; returns how many there were. */
  int endOf(String user) {
    return (int) open.stream().filter(endPoint -> endPoint.endOf(user)).count();
  }

  /** Closes the connections on which nobody has been signed in for a time. */
  void sweep(long wallClock, long now) {
    open.forEach(endPoint -> endPoint.sweep(wallClock, now));
  }

  /** Returns how many requests of one connection may wait for their answers. */
  int maxUnanswered() {
    return maxUnanswered;
  }

  /** Returns how many characters of one connection may wait to be handled. */
  long maxUnhandled() {
    return maxUnhandled;
  }

  /** Runs the handling of a text message; its parsing, which comes first, binds it to its user. */
  void handle(WebSocketCaller caller, Runnable handling) {
    parsing.set(caller);
    try {
      handling.run();
    } finally {
      parsing.remove();
    }
  }

  /**
   * CometD calls this within {@link #handle}, before it looks a session up.
   *
   * @throws UnreadableException rather than a {@code ParseException}, of which CometD would log the
   *     whole text that the client sent
   */
  @Override
  public List<ServerMessage.Mutable> parseMessages(String json) {
    List<ServerMessage.Mutable> messages;
    try {
      messages = super.parseMessages(json);
    } catch (ParseException malformed) {
      throw new UnreadableException(NOT_CONSISTENT, "not JSON, or nested too deep");
    }
    WebSocketCaller caller = parsing.get();
    RequestIntake.Outcome outcome = intake.admit(getName(), messages, caller);
    if (!caller.settle()) {
      throw new UnreadableException(SocketEnd.USER_LIMIT.closeCode(), SocketEnd.USER_LIMIT.text());
    }
    switch (outcome) {
      case MALFORMED -> throw new UnreadableException(NOT_CONSISTENT, "not a Bayeux message");
      case TOO_LARGE -> throw new UnreadableException(TOO_BIG, "too many messages");
      default -> {
        if (messages.stream().anyMatch(m -> Channel.META_CONNECT.equals(m.getChannel()))) {
          RequestReceipts.waitForEach();
        }
        return messages;
      }
    }
  }

  /** A text that is not handled, and how its connection is closed for it. */
  static final class UnreadableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int closeCode;

    private UnreadableException(int closeCode, String message) {
      super(message, null, false, false);
      this.closeCode = closeCode;
    }

    int closeCode() {
      return closeCode;
    }
  }
}
