package io.longspan.protocol;

/** The stable codes by which a client learns why something was refused (protocol section 2). */
public enum ErrorCode {
  /** The message itself is wrong: shape, type, name, selector. */
  BAD_REQUEST("badRequest"),
  /** The client speaks a version that the bridge does not. */
  UNSUPPORTED_VERSION("unsupportedVersion"),
  /** The client has not sent {@code connect}, or has sent {@code disconnect}. */
  NOT_CONNECTED("notConnected"),
  /** No catalogue entry, or no right; which of them is never told. */
  NOT_AUTHORIZED("notAuthorized"),
  /** One of the limits of the configuration. */
  LIMIT_EXCEEDED("limitExceeded"),
  /** There is no JMS connection at present. */
  BROKER_UNAVAILABLE("brokerUnavailable"),
  /** The broker refused the message. */
  SEND_FAILED("sendFailed");

  private final String wireName;

  ErrorCode(String wireName) {
    this.wireName = wireName;
  }

  /** Returns the code as it stands in {@code errorCode}. */
  public String wireName() {
    return wireName;
  }
}
