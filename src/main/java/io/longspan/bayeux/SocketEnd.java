package io.longspan.bayeux;

import java.util.Locale;

/**
 * The reasons why the bridge rejects or closes a WebSocket. Each is a value of the label {@code
 * reason} of the metric {@code longspan_websockets_ended_total}.
 */
public enum SocketEnd {
  /** The user already has {@code limits.connectionsPerUser} connections. */
  USER_LIMIT(1013, "too many connections of this user"),
  /** The connection has no user, and newer connections without a user need its place. */
  DISPLACED(1013, "too many connections without a user"),
  /** The connection had no user in time, or nobody has been signed in on it for some time. */
  NOT_SIGNED_IN(1008, "nobody is signed in"),
  /** A message was received in part, and the rest did not arrive in time. */
  SLOW_MESSAGE(1008, "a message was not received in time"),
  /** A message is too large. */
  TOO_LARGE(1009, "a message is too large"),
  /** Received text does not fit into the memory of the user or of strangers. */
  NO_MEMORY(1013, "too much received data waits to be processed"),
  /** Too much waits on this connection: requests without a reply, or text that is not handled. */
  BACKLOG(1008, "too many requests wait for a reply");

  private final int closeCode;
  private final String text;

  SocketEnd(int closeCode, String text) {
    this.closeCode = closeCode;
    this.text = text;
  }

  /** Returns the close code of WebSocket (RFC 6455, section 7.4.1). */
  int closeCode() {
    return closeCode;
  }

  /** Returns the reason phrase that is sent to the client. */
  String text() {
    return text;
  }

  /** Returns the name of the reason in metrics and logs. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
