package io.longspan.bayeux;

import java.util.Locale;

/**
 * Why the bridge refuses or closes a WebSocket to protect others; the label {@code reason} of the
 * metric {@code longspan_websockets_ended_total}.
 */
public enum SocketEnd {
  /** Its user has as many as {@code limits.connectionsPerUser} allows. */
  USER_LIMIT(1013, "too many connections of this user"),
  /** It has no user, and newer connections without a user need its place. */
  DISPLACED(1013, "too many connections without a user"),
  /** It had no user in time, or nobody has been signed in on it for a time. */
  NOT_SIGNED_IN(1008, "nobody is signed in"),
  /** It has sent a part of a message, and the rest did not come in time. */
  SLOW_MESSAGE(1008, "a message took too long"),
  /** It has sent a message that is larger than it may be. */
  TOO_LARGE(1009, "a message is too large"),
  /** What it has sent does not fit into the memory of its user, or of strangers. */
  NO_MEMORY(1013, "too much is received and not handled"),
  /** It has sent more than may wait on one connection. */
  BACKLOG(1008, "too many requests wait for their answers");

  private final int closeCode;
  private final String text;

  SocketEnd(int closeCode, String text) {
    this.closeCode = closeCode;
    this.text = text;
  }

  /** Returns the code of WebSocket (RFC 6455, section 7.4.1) with which it is closed. */
  int closeCode() {
    return closeCode;
  }

  /** Returns what the client is told. */
  String text() {
    return text;
  }

  /** Returns the name in metrics and logs. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
