package io.longspan.protocol;

/**
 * The stable codes by which a client learns why something was refused (protocol section 2), and
 * whether the same message may succeed later.
 *
 * <p>Two reasons that share a code differ in the latter.
 */
public enum ErrorCode {
  /** The message itself is wrong: shape, type, name, selector. */
  BAD_REQUEST("badRequest", false),
  /** The client speaks a version that the bridge does not. */
  UNSUPPORTED_VERSION("unsupportedVersion", false),
  /** The client has not sent {@code connect}, or has sent {@code disconnect}. */
  NOT_CONNECTED("notConnected", false),
  /** No catalogue entry, or no right; which of them is never told. */
  NOT_AUTHORIZED("notAuthorized", false),
  /** One of the limits of the configuration is reached at present. */
  LIMIT_EXCEEDED("limitExceeded", true),
  /** The message alone is over one of the limits: too large, too deep, too many topics. */
  TOO_LARGE("limitExceeded", false),
  /** There is no JMS connection at present. */
  BROKER_UNAVAILABLE("brokerUnavailable", true),
  /** The broker refused the message, or a consumer: its destination may be full. */
  SEND_FAILED("sendFailed", true),
  /** The broker refused the message, and will again: no right, no such destination. */
  SEND_REFUSED("sendFailed", false),
  /** The bridge itself failed; nothing is known to have been done. */
  INTERNAL_ERROR("internalError", true);

  private final String wireName;
  private final boolean temporary;

  ErrorCode(String wireName, boolean temporary) {
    this.wireName = wireName;
    this.temporary = temporary;
  }

  /** Returns the code as it stands in {@code errorCode}. */
  public String wireName() {
    return wireName;
  }

  /** Returns whether the same message may succeed later, as it stands in {@code temporary}. */
  public boolean isTemporary() {
    return temporary;
  }
}
