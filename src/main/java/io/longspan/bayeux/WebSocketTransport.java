package io.longspan.bayeux;

import io.longspan.bridge.Ticker;
import io.longspan.concurrent.PartialSweep;
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
 * The WebSocket transport. The bridge's own servlet authenticates and upgrades the connections, so
 * no endpoint is registered with the container.
 */
public final class WebSocketTransport extends AbstractWebSocketTransport {
  /** Close codes of WebSocket (RFC 6455, section 7.4.1). */
  private static final int NOT_CONSISTENT = 1007;

  private static final int TOO_BIG = 1009;

  private final RequestAdmission admission;

  /** The connection whose message this thread handles; set only during {@link #handle}. */
  private final ThreadLocal<WebSocketCaller> parsing = new ThreadLocal<>();

  private final OpenSockets sockets;
  private final Ticker ticker;
  private final Set<WebSocketEndPoint> open = ConcurrentHashMap.newKeySet();
  private final PartialSweep<WebSocketEndPoint> sweep =
      new PartialSweep<>(() -> open, OpenSockets.SWEEP_PARTS);
  private final HeldReplies heldReplies;
  private final int maxUnanswered;
  private final long maxUnhandled;
  private volatile WebSocketOutput output = WebSocketOutput.JAKARTA;

  WebSocketTransport(
      BayeuxServerImpl server,
      RequestAdmission admission,
      OpenSockets sockets,
      Ticker ticker,
      Limits limits,
      HeldReplies heldReplies) {
    super(server);
    this.heldReplies = heldReplies;
    this.admission = admission;
    this.sockets = sockets;
    this.ticker = ticker;
    this.maxUnanswered = TransportLimits.unanswered(limits);
    this.maxUnhandled = TransportLimits.unhandled(limits);
  }

  /**
   * Registers an opened connection.
   *
   * @return empty if its user has too many connections
   */
  Optional<OpenSocket> admit(WebSocketCaller caller, OpenSocket.Closer closer) {
    Optional<OpenSocket> opened =
        sockets.open(caller.user(), caller.remoteHost(), closer, ticker.millis());
    opened.ifPresent(caller::opened);
    return opened;
  }

  /** Returns the time of the bridge's ticker, in milliseconds. */
  long now() {
    return ticker.millis();
  }

  void opened(WebSocketEndPoint endPoint) {
    open.add(endPoint);
  }

  void closed(WebSocketEndPoint endPoint) {
    open.remove(endPoint);
  }

  /**
   * Revokes the connections of a user.
   *
   * @return the number of these connections
   */
  int endOf(String user) {
    return (int) open.stream().filter(endPoint -> endPoint.endOf(user)).count();
  }

  /**
   * Closes the connections on which nobody has been signed in for some time. If there are many,
   * each call checks a part of them.
   */
  void sweep(long wallClock, long now) {
    sweep.next(endPoint -> endPoint.sweep(wallClock, now));
  }

  /** Returns the connections that hold replies back. */
  HeldReplies heldReplies() {
    return heldReplies;
  }

  /** Returns the maximum number of requests without a reply on one connection. */
  int maxUnanswered() {
    return maxUnanswered;
  }

  /** Returns the maximum number of characters that wait to be handled on one connection. */
  long maxUnhandled() {
    return maxUnhandled;
  }

  /**
   * Handles a text message of a connection. CometD parses it first, and {@link #parseMessages} then
   * assigns it to the connection's user.
   */
  void handle(WebSocketCaller caller, Runnable handling) {
    parsing.set(caller);
    try {
      handling.run();
    } finally {
      parsing.remove();
    }
  }

  /**
   * Parses and checks a text. CometD calls this method within {@link #handle}, before it looks a
   * session up.
   *
   * @throws UnreadableException if the text is rejected. For a {@code ParseException} CometD would
   *     log the client's whole text
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
    RequestAdmission.Outcome outcome = admission.admit(getName(), messages, caller);
    if (!caller.settle()) {
      throw new UnreadableException(SocketEnd.USER_LIMIT.closeCode(), SocketEnd.USER_LIMIT.text());
    }
    switch (outcome) {
      case MALFORMED -> throw new UnreadableException(NOT_CONSISTENT, "not a Bayeux message");
      case TOO_LARGE -> throw new UnreadableException(TOO_BIG, "too many messages");
      default -> {
        for (ServerMessage.Mutable message : messages) {
          if (Channel.META_CONNECT.equals(message.getChannel())) {
            RequestReceipts.waitForEach();
            break;
          }
        }
        return messages;
      }
    }
  }

  /**
   * Returns the JSON of a message that is being written. For a client's messages it is a
   * placeholder: the connection assembles the text by itself.
   */
  @Override
  protected String toJSON(ServerMessage message) {
    return message instanceof ClientMessages own
        ? own.writer().placeholder(own)
        : super.toJSON(message);
  }

  /** Sets what writes texts to WebSockets. Called before the first connection. */
  public void writeTo(WebSocketOutput container) {
    output = container;
  }

  WebSocketOutput output() {
    return output;
  }

  /** Thrown for a text that is not handled. It carries the close code for the connection. */
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
