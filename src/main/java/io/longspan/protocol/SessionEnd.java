package io.longspan.protocol;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * Why the bridge terminates a Bayeux session (protocol section 20). Clients and services learn the
 * reason.
 */
public enum SessionEnd {
  /** The user has signed out. */
  LOGGED_OUT("loggedOut", true),
  /** The sign-in or the password of the session became invalid for another reason. */
  CREDENTIAL_ENDED("credentialEnded", true),
  /** The session's sign-in was the oldest, and the user has signed in too often. */
  SIGN_IN_LIMIT("signInLimit", true),
  /** The session's token has expired. */
  TOKEN_EXPIRED("tokenExpired", true),
  /** The client was too slow, and its outbox overflowed. */
  SLOW_CONSUMER("slowConsumer", true),
  /** After an outage, the client's temporary topic could not be opened again. */
  REPLY_ADDRESS_LOST("replyAddressLost", true),
  /**
   * No message was exchanged for {@code session.idleTimeout}. Only the user can decide to continue.
   */
  IDLE("idle", false);

  private final String wireName;
  private final boolean mayReturn;

  SessionEnd(String wireName, boolean mayReturn) {
    this.wireName = wireName;
    this.mayReturn = mayReturn;
  }

  /** Returns the constant for a wire name; empty if the text names another reason. */
  public static Optional<SessionEnd> named(String reason) {
    return Stream.of(values()).filter(end -> end.wireName.equals(reason)).findFirst();
  }

  /** Returns the reason as messages contain it. */
  public String wireName() {
    return wireName;
  }

  /** Returns whether a client with a valid credential may handshake again without its user. */
  public boolean mayReturn() {
    return mayReturn;
  }
}
