package io.longspan.protocol;

import java.util.Optional;
import java.util.stream.Stream;

/** Why the bridge ends a Bayeux session of its own accord, as clients and services are told. */
public enum SessionEnd {
  /** Its user has signed out. */
  LOGGED_OUT("loggedOut", true),
  /** The sign-in or password that it rested on is no longer good, for another reason. */
  CREDENTIAL_ENDED("credentialEnded", true),
  /** The sign-in that it rested on was the oldest of a user who has signed in too often. */
  SIGN_IN_LIMIT("signInLimit", true),
  /** The token that it rested on has expired. */
  TOKEN_EXPIRED("tokenExpired", true),
  /** It did not keep up with what was sent to it. */
  SLOW_CONSUMER("slowConsumer", true),
  /** The broker was back after an outage, but its temporary topic could not be made again. */
  REPLY_ADDRESS_LOST("replyAddressLost", true),
  /** Nothing was said for {@code session.idleTimeout}; only its user can tell whether to go on. */
  IDLE("idle", false);

  private final String wireName;
  private final boolean mayReturn;

  SessionEnd(String wireName, boolean mayReturn) {
    this.wireName = wireName;
    this.mayReturn = mayReturn;
  }

  /** Finds the end that a reason names; empty where it is another reason. */
  public static Optional<SessionEnd> named(String reason) {
    return Stream.of(values()).filter(end -> end.wireName.equals(reason)).findFirst();
  }

  /** Returns the reason as it is written in messages. */
  public String wireName() {
    return wireName;
  }

  /** Returns whether a client with a good credential may shake hands again by itself. */
  public boolean mayReturn() {
    return mayReturn;
  }
}
